#include "source/windows/sockets/bound.h"

#include "base/language.h"
#include "snapshot/snapshot.h"

bool bound_read(struct rows *rows, struct snapshot *snapshot)
{
	(void)rows;
	snapshot_add_gap(snapshot, GAP_ROOM, -1,
			 _("ports that are bound and have no connection"),
			 _("not available on this system"), NULL);
	return false;
}
