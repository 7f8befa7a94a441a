#include "source/log.h"

#include "base/language.h"

#include <stddef.h>

struct log *log_open(const struct log_request *request, struct snapshot *snapshot,
		     struct error *error)
{
	(void)request;
	(void)snapshot;
	error_set(error, "%s", _("not available on this system"));
	return NULL;
}

void log_close(struct log *log)
{
	(void)log;
}

void log_read(struct log *log, struct snapshot *snapshot)
{
	(void)log;
	(void)snapshot;
}

void log_read_new(struct log *log)
{
	(void)log;
}

void log_wait(struct log *log, const struct ending *ending, int timeout_ms)
{
	(void)log;
	(void)ending;
	(void)timeout_ms;
}

uint64_t log_take_lost(struct log *log)
{
	(void)log;
	return 0;
}

const struct log_report *log_reports(const struct log *log)
{
	(void)log;
	return NULL;
}
