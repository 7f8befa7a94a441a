#include "action/close.h"

#include "base/language.h"

#include <stddef.h>
#include <windows.h>

bool close_spares(int32_t pid)
{
	return pid <= 4 || pid == (int32_t)GetCurrentProcessId();
}

struct closer *close_open(struct error *error)
{
	error_set(error, "%s", _("not available on this system"));
	return NULL;
}

void close_end(struct closer *closer)
{
	(void)closer;
}

enum close_result close_socket(struct closer *closer, const struct socket_record *record,
			       struct error *error)
{
	(void)closer;
	(void)record;
	error_set(error, "%s", _("not available on this system"));
	return CLOSE_NOT_SUPPORTED;
}

struct close_motion close_watch(struct closer *closer, const struct socket_record *record)
{
	(void)closer;
	(void)record;
	return (struct close_motion){ .quiet_ms = -1 };
}

enum close_ending close_process(int32_t pid, uint64_t start_ticks, unsigned wait_ms,
				bool force)
{
	(void)pid;
	(void)start_ticks;
	(void)wait_ms;
	(void)force;
	return ENDING_FAILED;
}
