#include "source/counters.h"

#include "base/language.h"

/* The counters are those of Linux (/proc/net/netstat); Windows has none of these by name. */
int counters_read(const struct source_request *request, const struct counter_column *columns,
		  size_t count, struct snapshot *snapshot, int64_t **values,
		  struct error *error)
{
	(void)request;
	(void)columns;
	(void)count;
	(void)snapshot;
	*values = NULL;
	return error_set(error, "%s", _("Windows keeps no such counters"));
}
