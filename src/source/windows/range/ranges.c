#include "source/windows/range/ranges.h"

#include "source/artefact/windows/ranges.h"
#include "snapshot/snapshot.h"

void windows_ranges_read(struct snapshot *snapshot)
{
	ranges_assume(snapshot->windows);
	ranges_tell(snapshot);
}
