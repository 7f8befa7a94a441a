#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/linux/listing.h"
#include "source/artefact/text/text_format.h"

#include <stdlib.h>
#include <string.h>

/*
 * Counters of the kernel: /proc/net/sockstat and sockstat6 ("TCP: inuse 12 orphan 3 tw 7 alloc 24 mem 2"), /proc/net/snmp and
 * netstat (a line of names, a line of numbers), and what ss -s makes of them.
 */

/* More a counter cannot have come to, and what is reckoned with it must not overflow. */
#define MOST (UINT64_C(1) << 53)

static void took(struct dossier *dossier, uint64_t count)
{
	if (!count)
		return;
	dossier_speaks_for(dossier, FROM_LINUX);
	dossier_count_records(dossier, count);
	dossier_used_for(dossier, N_("counters"));
}

/* ---- sockstat ---- */

static bool number_behind(struct span text, const char *name, int64_t *number)
{
	struct span behind = listing_behind(text, listing_find(text, name) + strlen(name));
	uint64_t found;

	behind.length = listing_find(behind, " ");
	if (!span_number(behind, MOST, &found))
		return false;
	*number = (int64_t)found;
	return true;
}

static bool take_sockstat(void *state, struct dossier *dossier,
			  const struct text_context *context, const struct line *line)
{
	static const char *const others[] = { "UDP: inuse ",	  "UDPLITE: inuse ",
					      "RAW: inuse ",	  "FRAG: inuse ",
					      "TCP6: inuse ",	  "UDP6: inuse ",
					      "UDPLITE6: inuse ", "RAW6: inuse ",
					      "FRAG6: inuse ",	  "sockets: used " };
	const struct span text = line_trimmed(line);
	struct netns_counters *counters = &dossier->netns.counters;

	(void)state;
	(void)context;
	if (line_begins(line, "TCP: inuse ")) {
		took(dossier,
		     (uint64_t)number_behind(text, " tw ", &counters->time_wait_now) +
			     number_behind(text, " alloc ", &counters->tcp_allocated));
		return true;
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (line_begins(line, others[i]))
			return true;
	return false;
}

const struct text_format text_format_sockstat = {
	.name = "sockstat",
	.take = take_sockstat,
};

/* ---- ss -s ---- */

/* iproute2 misc/ss.c, print_summary(): the first number is the kernel's count of TCP sockets and entries in TIME_WAIT,
 * in older versions of requests ("synrecv") too. "timewait 5/0" is of these, too. */
static bool take_summary(void *state, struct dossier *dossier,
			 const struct text_context *context, const struct line *line)
{
	const struct span text = line_trimmed(line);
	struct netns_counters *counters = &dossier->netns.counters;
	struct span fields[3], all, rest, requests;
	uint64_t total, resting, asking = 0;

	(void)state;
	(void)context;
	if (!line_begins(line, "TCP:") || line_fields(line, fields, 3) < 3 ||
	    !span_has(text, "(estab ") || !span_number(fields[1], INT32_MAX, &total))
		return false;
	all = listing_behind(text, listing_find(text, "timewait ") + strlen("timewait "));
	rest = all;
	for (rest.length = 0;
	     rest.length < all.length && (unsigned)(all.text[rest.length] - '0') <= 9;)
		rest.length++;
	if (!span_number(rest, INT32_MAX, &resting))
		return false;
	requests = listing_behind(text, listing_find(text, "synrecv ") + strlen("synrecv "));
	requests.length = listing_find(requests, ",");
	if (!span_number(requests, INT32_MAX, &asking))
		asking = 0;
	counters->time_wait_now = (int64_t)resting;
	if (total >= resting + asking)
		counters->tcp_allocated = (int64_t)(total - resting - asking);
	took(dossier, 2);
	return true;
}

const struct text_format text_format_ss_summary = {
	.name = "ss -s",
	.take = take_summary,
};

/* ---- snmp and netstat ---- */

enum { COLUMNS_MOST = 512, NAMES_MOST = 16384 };

struct snmp_state {
	char *names; /* the line of names, waiting for its numbers */
	size_t length;
	bool is_open;
};

static bool is_names(struct span group, struct span second)
{
	return group.length > 1 && group.text[group.length - 1] == ':' && second.length &&
	       second.text[0] >= 'A' && second.text[0] <= 'Z';
}

static int64_t *counter_of(struct netns_counters *counters, struct span group,
			   struct span name)
{
	if (span_is(group, "Tcp:") && span_is(name, "ActiveOpens"))
		return &counters->active_opens;
	if (!span_is(group, "TcpExt:"))
		return NULL;
	return span_is(name, "TW")		    ? &counters->time_waits :
	       span_is(name, "TWRecycled")	    ? &counters->time_waits_reused :
	       span_is(name, "TCPTimeWaitOverflow") ? &counters->time_wait_overflows :
						      NULL;
}

static void take_numbers(struct snmp_state *state, struct dossier *dossier,
			 const struct line *line)
{
	const struct line heading = { .text = state->names, .length = state->length };
	struct span *names = memory_resize(NULL, (size_t)2 * COLUMNS_MOST, sizeof *names);
	struct span *numbers = names + COLUMNS_MOST;
	size_t count = line_fields(&heading, names, COLUMNS_MOST), found = 0;

	if (line_fields(line, numbers, COLUMNS_MOST) < count)
		count = 0;
	for (size_t i = 1; i < count; i++) {
		int64_t *counter = counter_of(&dossier->netns.counters, names[0], names[i]);
		uint64_t number;

		if (!counter || !span_number(numbers[i], MOST, &number))
			continue;
		*counter = (int64_t)number;
		found++;
	}
	took(dossier, found);
	free(names);
	state->length = 0;
}

/* Both files begin with names that nothing else has. */
static bool begins_file(struct span group, struct span second)
{
	return (span_is(group, "Ip:") && span_is(second, "Forwarding")) ||
	       (span_is(group, "TcpExt:") && span_is(second, "SyncookiesSent")) ||
	       (span_is(group, "Tcp:") && span_is(second, "RtoAlgorithm"));
}

/* Whether the line has the numbers that go with the names before it. */
static bool is_expected(const struct snmp_state *state, struct span group)
{
	return state->length > group.length && state->names[group.length] == ' ' &&
	       !memcmp(state->names, group.text, group.length);
}

static bool take_snmp(void *memory, struct dossier *dossier,
		      const struct text_context *context, const struct line *line)
{
	struct snmp_state *state = memory;
	struct span fields[3];

	(void)context;
	if (line_fields(line, fields, 3) < 2 || fields[0].text != line->text)
		return false;
	if (is_expected(state, fields[0])) {
		take_numbers(state, dossier, line);
		return true;
	}
	if (!is_names(fields[0], fields[1]) || line->length > NAMES_MOST ||
	    !(state->is_open || begins_file(fields[0], fields[1])))
		return false;
	state->names = memory_resize(state->names, line->length + 1, 1);
	memcpy(state->names, line->text, line->length);
	state->length = line->length;
	state->is_open = true;
	return true;
}

static void end_snmp(void *memory, struct dossier *dossier, bool is_last)
{
	struct snmp_state *state = memory;

	(void)dossier;
	(void)is_last;
	free(state->names);
}

const struct text_format text_format_snmp = {
	.name = "snmp",
	.state_size = sizeof(struct snmp_state),
	.take = take_snmp,
	.end = end_snmp,
};
