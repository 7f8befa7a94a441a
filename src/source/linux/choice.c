#include "source/linux/choice.h"

#include "base/language.h"
#include "source/linux/pass.h"
#include "source/linux/reading.h"
#include "source/linux/settings.h"

#include <string.h>

/*
 * Measured on Linux 6.18 (docs/performance.md): loading and running the programs over empty tables takes
 * about as long as sock_diag and the walk of /proc take for so many sockets, or so many namespaces.
 */
enum { WORTH_SOCKETS = 10000, WORTH_NAMESPACES = 8 };

const char *const source_names[] = { "bpf_tables", "sock_diag", "proc_net", NULL };

bool choice_allows(const struct reading *reading, const char *source)
{
	return !reading->request->only || !strcmp(reading->request->only, source);
}

static const char *why_not(const struct reading *reading, size_t namespaces)
{
	const struct source_request *request = reading->request;

	if (request->no_bpf)
		return "--no-bpf";
	if (!choice_allows(reading, "bpf_tables"))
		return "--source";
	if (!request->only && namespaces < WORTH_NAMESPACES &&
	    settings_tcp_entries(reading->proc) < WORTH_SOCKETS)
		return _("few sockets and namespaces: others are faster");
	return NULL;
}

int choice_of_pass(struct reading *reading, size_t namespaces, struct error *error)
{
	struct error cause;

	reading->bpf_tables.why_not = why_not(reading, namespaces);
	if (reading->bpf_tables.why_not)
		return 0;
	reading->pass = pass_begin(reading, &cause);
	if (reading->pass)
		return 0;
	reading->bpf_tables.why_not = arena_copy(&reading->snapshot->arena, cause.text);
	return reading->request->only ?
		       error_set(error, _("--source bpf_tables: %s"), cause.text) :
		       0;
}
