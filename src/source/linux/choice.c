#include "source/linux/choice.h"

#include "base/language.h"
#include "source/linux/bpf_support.h"
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
	if (!request->only && !reading->exactly && namespaces < WORTH_NAMESPACES &&
	    settings_tcp_entries(reading->proc) < WORTH_SOCKETS)
		return _("few sockets and namespaces: others are faster");
	return NULL;
}

/* As in the capacity model, may_reuse(): reuse depends on timestamps that no dump shows. */
static bool hides_timestamps(const struct netns *netns, const struct holding *holding)
{
	const struct holding_key *key = &holding->key;

	return key->state == SOCKET_TIME_WAIT && !key->inbound &&
	       netns->settings.tw_reuse == 1 && key->timestamps == TIMESTAMPS_UNKNOWN &&
	       (netns->settings.timestamps == 0 || !netns_has_address(netns, &key->remote));
}

bool choice_wants_more(const struct source_request *request, const struct snapshot *snapshot)
{
	if (request->root || request->no_bpf || request->only || request->on_socket ||
	    bpf_obstacle())
		return false;
	for (uint32_t i = 0; i < snapshot->namespace_count; i++) {
		const struct netns *netns = &snapshot->namespaces[i];

		if (netns->kinds_read)
			continue;
		if (netns->untested_why || !netns->bound_seen)
			return true;
		snapshot_each_holding(holding, snapshot,
				      i) if (hides_timestamps(netns, holding)) return true;
	}
	return false;
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
