#include "source/windows/log/logged.h"

void logged_read(struct snapshot *snapshot, int64_t since_ms)
{
	(void)snapshot;
	(void)since_ms;
}
