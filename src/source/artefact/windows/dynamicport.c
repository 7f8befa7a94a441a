#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/netsh.h"

#include <string.h>

/*
 * netsh int ipv4 show dynamicport tcp
 *
 *     Protocol tcp Dynamic Port Range
 *     ---------------------------------
 *     Start Port      : 49152
 *     Number of Ports : 16384
 *
 * Every word is translated but the protocol; the numbers come in this order. Values below those that Microsoft documents
 * (1025, 255 ports) are found on real machines (actions/runner-images#1442: 1024, 64511) and are taken.
 */
struct dynamicport {
	bool has_first;
	uint32_t first;
	uint64_t last_line; /* of the section's last number */
	struct netsh_subject subject;
	unsigned unsaid[PROTOCOL_COUNT];
};

enum { LEAST_DASHES = 8 };

/* "label : number" */
static bool read_number(const struct line *line, uint64_t *number)
{
	struct span text = line_trimmed(line), digits;
	size_t at = text.length;

	while (at && text.text[at - 1] >= '0' && text.text[at - 1] <= '9')
		at--;
	digits = (struct span){ text.text + at, text.length - at };
	while (at && text.text[at - 1] == ' ')
		at--;
	return at > 1 && (text.text[at - 1] == ':' || (uint8_t)text.text[at - 1] >= 0x80) &&
	       span_number(digits, UINT32_MAX, number);
}

static bool follows_title(struct dynamicport *state, const struct text_context *context,
			  const struct line *line)
{
	const struct span dashes = { context->before[0], strlen(context->before[0]) };
	size_t length;

	/* Dashes that were there before the last range are not this one's. */
	if (state->last_line && line->number < state->last_line + 3)
		return false;
	if (netsh_dashes(dashes, &length, 1) != 1 || length < LEAST_DASHES ||
	    memchr(dashes.text, ' ', dashes.length))
		return false;
	netsh_subject_find(&state->subject, context, 1);
	return state->subject.protocol_known;
}

static void set_range(struct dynamicport *state, struct dossier *dossier, uint64_t ports)
{
	struct windows *windows = dossier_windows(dossier);
	const enum protocol protocol = state->subject.protocol;
	const bool unsaid = !state->subject.family;
	bool families[2];

	netsh_families(&state->subject, state->unsaid[protocol], families);
	state->unsaid[protocol] += unsaid;
	for (int i = 0; i < 2; i++) {
		struct windows_range *range = &windows->ranges[protocol][i];

		if (!families[i])
			continue;
		/* What did not say its family does not overrule what did. */
		if (unsaid && port_range_known(range->range) && !range->family_unsaid)
			continue;
		range->range = (struct port_range){ (uint16_t)state->first,
						    (uint16_t)(state->first + ports - 1) };
		range->family_unsaid = unsaid;
		range->assumed = false;
	}
	dossier_count_records(dossier, 1);
	dossier_used_for(dossier, N_("port ranges"));
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct dynamicport *state = opaque;
	uint64_t number;

	if (!read_number(line, &number) ||
	    (!state->has_first && !follows_title(state, context, line))) {
		if (state->has_first && !line_is_blank(line)) {
			state->has_first = false;
			dossier_note(dossier,
				     _("line %llu: a range without its second number"),
				     (unsigned long long)line->number);
		}
		return false;
	}
	state->last_line = line->number;
	if (!state->has_first) {
		state->first = (uint32_t)number;
		state->has_first = true;
		return true;
	}
	state->has_first = false;
	if (!state->first || !number || state->first + number - 1 > UINT16_MAX)
		dossier_note(dossier,
			     _("line %llu: no range can begin at %lu and have %llu ports"),
			     (unsigned long long)line->number, (unsigned long)state->first,
			     (unsigned long long)number);
	else
		set_range(state, dossier, number);
	return true;
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct dynamicport *state = opaque;

	(void)is_last;
	if (state->has_first)
		dossier_note(dossier, _("it ends within a range; was the file cut off?"));
	netsh_note_unsaid(dossier, state->unsaid);
}

const struct text_format text_format_dynamicport = {
	.name = "netsh dynamicport",
	.state_size = sizeof(struct dynamicport),
	.take = take,
	.end = end,
};
