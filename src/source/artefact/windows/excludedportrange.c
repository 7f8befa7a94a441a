#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/netsh.h"

#include <string.h>

/*
 * netsh int ipv4 show excludedportrange protocol=tcp
 *
 *     Protocol tcp Port Exclusion Ranges
 *
 *     Start Port    End Port
 *     ----------    --------
 *           5985        5985
 *          50000       50059     *
 *
 *     * - Administered port exclusions.
 *
 * Words are translated, the dashes are not. A star says that somebody set the range for good; without it Hyper-V, WinNAT or
 * another driver has taken it until the next start (microsoft/WSL#5306). There may be no row at all. People who pass this
 * on leave out the title, the stars and the last line, or all three.
 */
struct excludedportrange {
	bool open;
	bool named; /* its command is there */
	bool footer, stars;
	struct netsh_subject subject;
	struct port_set all, at_run;
	uint64_t rows;
	uint32_t ports; /* of all rows together */
	unsigned unsaid[PROTOCOL_COUNT];
};

enum { FIRST_DASHES = 10, SECOND_DASHES = 8 };

static bool is_named(const struct text_context *context)
{
	for (int i = 0; i < CONTEXT_LINES; i++)
		if (span_has((struct span){ context->before[i], strlen(context->before[i]) },
			     "excludedportrange"))
			return true;
	return false;
}

static bool is_head(const struct text_context *context, const struct line *line)
{
	size_t dashes[3];

	if (netsh_dashes(line_trimmed(line), dashes, 3) != 2)
		return false;
	return (dashes[0] == FIRST_DASHES && dashes[1] == SECOND_DASHES) || is_named(context);
}

/* ---- one list ---- */

static void set_excluded(struct excludedportrange *state, struct windows_range *range)
{
	const bool unsaid = !state->subject.family;

	if (unsaid && range->excluded_known && !range->excluded_family_unsaid)
		return;
	port_set_free(&range->excluded);
	port_set_free(&range->reserved_at_run);
	port_set_add_all(&range->excluded, &state->all);
	/* Where no star and no last line is, stars may have been lost. */
	if (state->footer || state->stars)
		port_set_add_all(&range->reserved_at_run, &state->at_run);
	range->excluded_known = true;
	range->excluded_family_unsaid = unsaid;
}

static void tell(struct excludedportrange *state, struct dossier *dossier)
{
	struct windows *windows = dossier_windows(dossier);
	const enum protocol protocol = state->subject.protocol;
	bool families[2];

	if (!state->subject.protocol_known)
		dossier_note(dossier, _("TCP or UDP is not said: taken for TCP"));
	if (state->rows && !state->footer && !state->stars)
		dossier_note(
			dossier,
			_("its last line is missing and no row has a star: which ranges are set for good is not told"));
	netsh_families(&state->subject, state->unsaid[protocol], families);
	state->unsaid[protocol] += !state->subject.family;
	for (int i = 0; i < 2; i++)
		if (families[i])
			set_excluded(state, &windows->ranges[protocol][i]);
	dossier_count_records(dossier, state->rows);
	dossier_used_for(dossier, N_("excluded ports"));
}

static void close_list(struct excludedportrange *state, struct dossier *dossier)
{
	if (!state->open)
		return;
	if (state->rows || state->footer || state->named)
		tell(state, dossier);
	port_set_free(&state->all);
	port_set_free(&state->at_run);
	state->open = state->footer = state->stars = false;
	state->rows = state->ports = 0;
}

/* ---- lines ---- */

static void add_range(struct excludedportrange *state, uint64_t first, uint64_t last,
		      bool starred)
{
	for (uint64_t port = first; port <= last; port++) {
		port_set_add(&state->all, (uint16_t)port);
		if (!starred)
			port_set_add(&state->at_run, (uint16_t)port);
	}
	state->stars = state->stars || starred;
	state->rows++;
	state->ports += (uint32_t)(last - first + 1);
}

/* Ranges do not overlap; each may cost 65536 steps. */
enum { MOST_PORTS = 2 * 65536 };

static bool take_row(struct excludedportrange *state, struct dossier *dossier,
		     const struct line *line)
{
	struct span fields[4];
	size_t count = line_fields(line, fields, 4);
	bool starred = count == 3 && span_is(fields[2], "*");
	uint64_t first, last;

	if (!count || !span_number(fields[0], UINT32_MAX, &first))
		return false;
	if (count == 1 && state->rows) {
		dossier_note(dossier, _("line %llu: a range without its end"),
			     (unsigned long long)line->number);
		return true;
	}
	if ((count != 2 && !starred) || !span_number(fields[1], UINT32_MAX, &last))
		return false;
	if (first > last || last > UINT16_MAX || state->ports > MOST_PORTS)
		dossier_note(dossier, _("line %llu: %llu to %llu is no range of ports"),
			     (unsigned long long)line->number, (unsigned long long)first,
			     (unsigned long long)last);
	else
		add_range(state, first, last, starred);
	return true;
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct excludedportrange *state = opaque;

	if (is_head(context, line)) {
		close_list(state, dossier);
		state->open = true;
		state->named = is_named(context);
		netsh_subject_find(&state->subject, context, 0);
		return true;
	}
	if (!state->open)
		return false;
	if (line_is_blank(line) || take_row(state, dossier, line))
		return true;
	state->footer = *line_trimmed(line).text == '*';
	if (!state->footer)
		return false;
	close_list(state, dossier);
	return true;
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct excludedportrange *state = opaque;

	(void)is_last;
	close_list(state, dossier);
	netsh_note_unsaid(dossier, state->unsaid);
}

const struct text_format text_format_excludedportrange = {
	.name = "netsh excludedportrange",
	.state_size = sizeof(struct excludedportrange),
	.take = take,
	.end = end,
};
