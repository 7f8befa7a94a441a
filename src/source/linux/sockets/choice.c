#include "source/linux/sockets/choice.h"

#include "base/language.h"
#include "source/linux/bpf/support.h"
#include "source/linux/netns/settings.h"
#include "source/linux/reading.h"
#include "source/linux/sockets/iterators.h"
#include "source/linux/sockets/pass.h"

#include <string.h>

/*
 * Measured on Linux 6.18 (docs/performance.md): loading and running the programs over empty tables takes
 * about as long as sock_diag and the walk of /proc take for so many sockets, or so many namespaces.
 */
enum { WORTH_SOCKETS = 10000, WORTH_NAMESPACES = 8 };

const char *const source_names[] = { "bpf_tables", "bpf_iter", "sock_diag", "proc_net", NULL };

bool choice_allows(const struct reading *reading, const char *source)
{
	return !reading->request->only || !strcmp(reading->request->only, source);
}

bool choice_is_bpf(const struct reading *reading)
{
	return reading->pass || reading->iterators;
}

/* Of the two by BPF; NULL: may be tried. */
static const char *why_not(const struct reading *reading, const char *source,
			   size_t namespaces)
{
	const struct source_request *request = reading->request;

	if (request->no_bpf)
		return "--no-bpf";
	if (!choice_allows(reading, source))
		return "--source";
	if (reading->attempt->no_pass && !strcmp(source, "bpf_tables"))
		return arena_copy(&reading->snapshot->arena, reading->attempt->why.text);
	if (!request->only && !reading->attempt->exactly && namespaces < WORTH_NAMESPACES &&
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
		snapshot_each_holding(holding, snapshot, i)
			if (hides_timestamps(netns, holding))
				return true;
	}
	return false;
}

static int begin_pass(struct reading *reading, struct error *error)
{
	reading->pass = pass_begin(reading, error);
	return reading->pass ? 0 : -1;
}

/* 0 if it was begun, or -1 with the report telling why not. */
static int try_source(struct reading *reading, struct source_report *report, size_t namespaces,
		      int (*begin)(struct reading *reading, struct error *error))
{
	struct error cause;

	report->why_not = why_not(reading, report->name, namespaces);
	if (report->why_not)
		return -1;
	if (!begin(reading, &cause))
		return 0;
	reading->bpf_failed = true;
	report->why_not = arena_copy(&reading->snapshot->arena, cause.text);
	return -1;
}

int choice_of_bpf(struct reading *reading, size_t namespaces, struct error *error)
{
	struct source_report *const both[] = { &reading->bpf_tables, &reading->bpf_iter };
	const char *only = reading->request->only;

	if (choice_is_bpf(reading) || reading->bpf_failed)
		return 0;
	if (!try_source(reading, &reading->bpf_tables, namespaces, begin_pass)) {
		reading->bpf_iter.why_not = only ? "--source" : _("bpf_tables is better");
		return 0;
	}
	if (!try_source(reading, &reading->bpf_iter, namespaces, iterators_begin))
		return 0;
	for (size_t i = 0; i < sizeof both / sizeof both[0]; i++)
		if (only && !strcmp(only, both[i]->name))
			return error_set(error, _("--source %s: %s"), only, both[i]->why_not);
	return 0;
}
