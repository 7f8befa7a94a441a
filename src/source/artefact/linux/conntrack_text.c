#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/linux/listing.h"
#include "source/artefact/text/text_format.h"

#include <stdlib.h>
#include <string.h>

/*
 * Tracked connections as conntrack -L and /proc/net/nf_conntrack list them: "tcp 6 431999 ESTABLISHED src=A dst=B sport=1 dport=2
 * src=B dst=C sport=2 dport=3 [ASSURED] mark=0 use=1", the second four being of the answers; in /proc behind "ipv4 2" (Linux
 * net/netfilter/nf_conntrack_standalone.c, ct_seq_show()). Those that leave with another source take a port of the NAT address.
 */
enum { UNCHANGED_MOST = 1 << 20, WORDS = 40 };

struct conntrack_state {
	uint64_t entries, others, unkept;
	struct nat_flow *unchanged; /* it is known at the end only whether they matter */
	size_t count, capacity;
};

struct tuple {
	struct address source, destination;
	uint16_t source_port, destination_port;
	unsigned parts; /* of four */
};

static bool read_part(struct span word, struct tuple *tuple)
{
	static const struct {
		const char *name;
		bool is_port, is_destination;
	} parts[] = { { "src=", false, false },
		      { "dst=", false, true },
		      { "sport=", true, false },
		      { "dport=", true, true } };

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		const size_t length = strlen(parts[i].name);
		const struct span value = listing_behind(word, length);
		uint64_t port;

		if (word.length <= length || memcmp(word.text, parts[i].name, length))
			continue;
		if (!parts[i].is_port)
			return span_address(value, parts[i].is_destination ?
							   &tuple->destination :
							   &tuple->source);
		if (!span_number(value, 65535, &port))
			return false;
		*(parts[i].is_destination ? &tuple->destination_port : &tuple->source_port) =
			(uint16_t)port;
		return true;
	}
	return false;
}

static enum nat_state read_state(struct span word)
{
	static const struct {
		const char *word;
		enum nat_state state;
	} words[] = {
		{ "SYN_SENT", NAT_SYN_SENT }, { "SYN_SENT2", NAT_SYN_SENT },
		{ "SYN_RECV", NAT_SYN_RECV }, { "ESTABLISHED", NAT_ESTABLISHED },
		{ "FIN_WAIT", NAT_FIN_WAIT }, { "CLOSE_WAIT", NAT_CLOSE_WAIT },
		{ "LAST_ACK", NAT_LAST_ACK }, { "TIME_WAIT", NAT_TIME_WAIT },
		{ "CLOSE", NAT_CLOSE },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_is(word, words[i].word))
			return words[i].state;
	return NAT_STATE_COUNT;
}

static bool read_zone(struct span word, uint16_t *zone)
{
	uint64_t number;

	if (word.length < 6 || memcmp(word.text, "zone=", 5) ||
	    !span_number(listing_behind(word, 5), UINT16_MAX, &number))
		return false;
	*zone = (uint16_t)number;
	return true;
}

/* Behind the number of the protocol: the time left, a state, two tuples, words. */
static bool read_flow(const struct span *words, size_t count, struct nat_flow *flow)
{
	struct tuple tuples[2] = { { .parts = 0 }, { .parts = 0 } };
	bool replied = true;
	size_t at = 0;

	flow->state = NAT_STATE_COUNT;
	for (size_t i = 0; i < count; i++) {
		const enum nat_state state = read_state(words[i]);

		if (state < NAT_STATE_COUNT && !tuples[0].parts) {
			flow->state = state;
		} else if (span_is(words[i], "[UNREPLIED]")) {
			replied = false;
		} else if (at < 2 && read_part(words[i], &tuples[at])) {
			tuples[at].parts++;
			at += tuples[at].parts == 4;
		} else {
			read_zone(words[i], &flow->zone);
		}
	}
	if (at < 2 || tuples[0].source.family != tuples[1].source.family)
		return false;
	if (flow->state == NAT_STATE_COUNT)
		flow->state = replied ? NAT_REPLIED : NAT_UNREPLIED;
	flow->from = tuples[0].source;
	flow->from_port = tuples[0].source_port;
	flow->asked = tuples[0].destination;
	flow->asked_port = tuples[0].destination_port;
	flow->address = tuples[1].destination;
	flow->port = tuples[1].destination_port;
	flow->destination = tuples[1].source;
	flow->destination_port = tuples[1].source_port;
	return flow->from.family && flow->asked.family && flow->address.family &&
	       flow->destination.family;
}

/* ---- lines ---- */

static bool is_entry(const struct span *words, size_t count)
{
	static const char *const protocols[] = { "tcp",	      "udp",	 "icmp", "icmpv6",
						 "ipv6-icmp", "unknown", "sctp", "dccp",
						 "gre",	      "udplite", "esp",	 "ah",
						 "igmp" };
	uint64_t number;

	if (count < 4 || !span_number(words[1], 255, &number) ||
	    !span_number(words[2], UINT32_MAX, &number))
		return false;
	for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
		if (span_is(words[0], protocols[i]))
			return span_has(words[3], "src=") ||
			       (count > 4 && span_has(words[4], "src="));
	return false;
}

static void add(struct conntrack_state *state, struct dossier *dossier,
		const struct nat_flow *flow)
{
	if (nat_flow_is_changed(flow)) {
		nat_add_flow(&dossier->snapshot->nat, 0, flow);
		return;
	}
	if (state->count == UNCHANGED_MOST) {
		state->unkept++;
		return;
	}
	array_reserve(state->unchanged, state->count, state->capacity);
	state->unchanged[state->count++] = *flow;
}

static bool take(void *memory, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct conntrack_state *state = memory;
	struct span words[WORDS];
	size_t count, first = 0;
	struct nat_flow flow = { .protocol = PROTOCOL_TCP };

	(void)context;
	/* conntrack's own last line goes to standard error. */
	if (listing_find(line_trimmed(line), " src=") == line_trimmed(line).length)
		return state->entries && line_begins(line, "conntrack v");
	count = line_fields(line, words, WORDS);
	if (count > 2 && (span_is(words[0], "ipv4") || span_is(words[0], "ipv6")))
		first = 2;
	if (!is_entry(words + first, count - first))
		return false;
	state->entries++;
	if (span_is(words[first], "udp"))
		flow.protocol = PROTOCOL_UDP;
	else if (!span_is(words[first], "tcp"))
		return true;
	if (read_flow(words + first + 3, count - first - 3, &flow))
		add(state, dossier, &flow);
	else
		state->others++;
	return true;
}

static void end(void *memory, struct dossier *dossier, bool is_last)
{
	struct conntrack_state *state = memory;
	struct netns *netns = &dossier->netns;

	(void)is_last;
	for (size_t i = 0; i < state->count; i++)
		nat_add_flow(&dossier->snapshot->nat, 0, &state->unchanged[i]);
	free(state->unchanged);
	if (state->others || state->unkept)
		dossier_note(dossier,
			     P_("%llu entry was not understood",
				"%llu entries were not understood",
				state->others + state->unkept),
			     (unsigned long long)(state->others + state->unkept));
	else
		netns->nat_read = true;
	if (netns->conntrack.entries < (int64_t)state->entries)
		netns->conntrack.entries = (int64_t)state->entries;
	dossier_count_records(dossier, state->entries);
	dossier_used_for(dossier, N_("tracked connections"));
	dossier_speaks_for(dossier, FROM_LINUX);
}

const struct text_format text_format_conntrack = {
	.name = "conntrack",
	.state_size = sizeof(struct conntrack_state),
	.take = take,
	.end = end,
};

/* ---- conntrack -S ---- */

/* "cpu=0  found=0 invalid=1 insert=0 insert_failed=2 drop=2 early_drop=0 error=0 search_restart=0", a line a processor. */
static void sum(int64_t *counter, struct span word, const char *name)
{
	const size_t length = strlen(name);
	uint64_t number;

	if (word.length <= length || memcmp(word.text, name, length) ||
	    !span_number(listing_behind(word, length), UINT32_MAX, &number))
		return;
	*counter = (*counter < 0 ? 0 : *counter) + (int64_t)number;
}

static bool take_statistics(void *memory, struct dossier *dossier,
			    const struct text_context *context, const struct line *line)
{
	struct netns_conntrack *conntrack = &dossier->netns.conntrack;
	bool *is_open = memory;
	struct span words[WORDS];
	size_t count = line_begins(line, "cpu=") ? line_fields(line, words, WORDS) : 0;

	(void)context;
	if (count < 4 || !span_has(line_trimmed(line), " drop="))
		return false;
	if (!*is_open)
		conntrack->drops = conntrack->insert_failed = conntrack->early_drops = 0;
	*is_open = true;
	for (size_t i = 0; i < count; i++) {
		sum(&conntrack->drops, words[i], "drop=");
		sum(&conntrack->insert_failed, words[i], "insert_failed=");
		sum(&conntrack->early_drops, words[i], "early_drop=");
	}
	dossier_count_records(dossier, 1);
	dossier_used_for(dossier, N_("counters"));
	dossier_speaks_for(dossier, FROM_LINUX);
	return true;
}

const struct text_format text_format_conntrack_statistics = {
	.name = "conntrack -S",
	.state_size = sizeof(bool),
	.take = take_statistics,
};
