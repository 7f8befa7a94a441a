#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/dump/handle_counts.h"
#include "source/artefact/dump/socket_row.h"
#include "source/artefact/text/text_format.h"

/*
 * The same of volatility 2, whose columns are padded with blanks: netscan
 * (Offset(P) Proto Local-Address Foreign-Address State Pid Owner Created) and handles (Offset(V) Pid Handle Access Type Details).
 */

static bool is_heading(const struct line *line, const char *const *names)
{
	struct span words[16];
	size_t count = line_fields(line, words, 16), at = 0;

	for (; *names; names++) {
		while (at < count && !span_is(words[at], *names))
			at++;
		if (at++ >= count)
			return false;
	}
	return span_is(words[0], "Offset(P)") || span_is(words[0], "Offset(V)");
}

static bool is_rule(const struct line *line)
{
	struct span text = line_trimmed(line);

	for (size_t i = 0; i < text.length; i++)
		if (text.text[i] != '-' && text.text[i] != ' ')
			return false;
	return true;
}

static bool is_offset(struct span word)
{
	return word.length > 2 && word.text[0] == '0' && word.text[1] == 'x';
}

/* ---- netscan ---- */

struct scan {
	bool begun;
	struct socket_rows rows;
};

/* UDP has no state, so that its pid is a word further to the left. */
static bool take_scanned(struct scan *scan, struct dossier *dossier, const struct line *line)
{
	struct span words[8] = { { NULL, 0 } };
	size_t count = line_fields(line, words, 8);
	size_t pid = count > 1 && span_has(words[1], "UDP") ? 4 : 5;
	const struct span nothing = { "", 0 };

	if (count < 4 || !is_offset(words[0]))
		return false;
	return socket_row_take(&scan->rows, dossier,
			       &(struct socket_row){
				       .protocol = words[1],
				       .local = words[2],
				       .remote = words[3],
				       .state = words[4],
				       .pid = pid < count ? words[pid] : nothing,
				       .owner = pid + 1 < count ? words[pid + 1] : nothing,
			       });
}

static bool take_scan(void *state, struct dossier *dossier, const struct text_context *context,
		      const struct line *line)
{
	static const char *const heading[] = { "Proto", "Local", "Foreign",
					       "State", "Pid",	 NULL };
	struct scan *scan = state;

	(void)context;
	if (is_heading(line, heading)) {
		if (scan->begun)
			socket_rows_end(&scan->rows, dossier);
		scan->begun = true;
		socket_rows_begin(dossier, "volatility netscan");
		return true;
	}
	if (!scan->begun)
		return false;
	return is_rule(line) || take_scanned(scan, dossier, line);
}

static void end_scan(void *state, struct dossier *dossier, bool is_last)
{
	struct scan *scan = state;

	(void)is_last;
	socket_rows_end(&scan->rows, dossier);
}

const struct text_format text_format_volatility2_sockets = {
	.name = "volatility2-sockets",
	.state_size = sizeof(struct scan),
	.take = take_scan,
	.end = end_scan,
};

/* ---- handles ---- */

struct listing {
	bool begun;
	struct handle_counts counts;
};

/* Of the types some have a blank in their name ("ALPC Port"); that is as wide as their column is. */
static struct span type_of(const struct line *line, struct span first, struct span *details)
{
	enum { TYPE_COLUMNS = 16 };
	size_t at = (size_t)(first.text - line->text);
	size_t left = line->length - at;
	const struct line type = { .text = first.text,
				   .length = left < TYPE_COLUMNS ? left : TYPE_COLUMNS };
	const struct line rest = { .text = line->text + at + type.length,
				   .length = left - type.length };

	*details = line_trimmed(&rest);
	return line_trimmed(&type);
}

static bool take_handle(struct listing *listing, struct dossier *dossier,
			const struct line *line)
{
	struct span words[5];
	struct handle_seen seen = { 0 };
	uint64_t pid;

	if (line_fields(line, words, 5) < 5 || !is_offset(words[0]) || !is_offset(words[2]) ||
	    !is_offset(words[3]) || !span_number(words[1], INT32_MAX, &pid) || !pid)
		return false;
	seen.pid = (int32_t)pid;
	seen.type = type_of(line, words[4], &seen.object);
	handle_counts_add(&listing->counts, dossier, &seen);
	return true;
}

static bool take_handles(void *state, struct dossier *dossier,
			 const struct text_context *context, const struct line *line)
{
	static const char *const heading[] = { "Pid",  "Handle",  "Access",
					       "Type", "Details", NULL };
	struct listing *listing = state;

	(void)context;
	if (is_heading(line, heading)) {
		listing->begun = true;
		return true;
	}
	if (!listing->begun)
		return false;
	return is_rule(line) || take_handle(listing, dossier, line);
}

static void end_handles(void *state, struct dossier *dossier, bool is_last)
{
	struct listing *listing = state;

	(void)is_last;
	handle_counts_finish(&listing->counts, dossier);
}

const struct text_format text_format_volatility2_handles = {
	.name = "volatility2-handles",
	.state_size = sizeof(struct listing),
	.take = take_handles,
	.end = end_handles,
};
