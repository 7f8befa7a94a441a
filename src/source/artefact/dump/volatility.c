#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/dump/handle_counts.h"
#include "source/artefact/dump/socket_row.h"
#include "source/artefact/text/text_format.h"

#include <string.h>

/*
 * What volatility 3 prints of a complete memory dump, in the forms quick (tabs), csv and pretty: windows.netscan,
 * windows.netstat and windows.handles (volatility3/framework/plugins/windows/, cli/text_renderer.py).
 */

/* ---- windows.netscan, windows.netstat ---- */

static const char *const socket_columns[] = {
	"Proto", "LocalAddr", "LocalPort", "ForeignAddr", "ForeignPort",
	"State", "PID",	      "Owner",	   NULL,
};

static bool is_scan(const struct text_context *context)
{
	for (int i = 0; i < CONTEXT_LINES; i++) {
		const char *before = context->before[i];
		const struct line line = { .text = before, .length = strlen(before) };

		if (span_has(line_trimmed(&line), "netstat"))
			return false;
	}
	return true;
}

/* The two have one heading; the prompt may tell which it was. What netscan finds may have been freed, so it is taken for it. */
static bool take_sockets(void *state, struct dossier *dossier,
			 const struct text_context *context, const struct line *line)
{
	return socket_table_take(state, dossier, line, socket_columns,
				 is_scan(context) ? "volatility windows.netscan" :
						    "volatility windows.netstat");
}

static void end_sockets(void *state, struct dossier *dossier, bool is_last)
{
	struct socket_table *table = state;

	(void)is_last;
	socket_rows_end(&table->rows, dossier);
}

const struct text_format text_format_volatility_sockets = {
	.name = "volatility-sockets",
	.state_size = sizeof(struct socket_table),
	.take = take_sockets,
	.end = end_sockets,
};

/* ---- windows.handles ---- */

struct handle_listing {
	struct columns columns;
	struct handle_counts counts;
	uint64_t unread;
};

enum { PID, HANDLE, TYPE, ACCESS, PROCESS, NAME, HANDLE_COLUMNS };

static const char *const handle_columns[] = {
	[PID] = "PID",		 [HANDLE] = "HandleValue",
	[TYPE] = "Type",	 [ACCESS] = "GrantedAccess",
	[PROCESS] = "Process",	 [NAME] = "Name",
	[HANDLE_COLUMNS] = NULL,
};

static bool is_empty(struct span text)
{
	return !text.length || span_is(text, "-") || span_is(text, "N/A");
}

static bool take_row(struct handle_listing *listing, struct dossier *dossier,
		     const struct line *line)
{
	struct span cells[HANDLE_COLUMNS];
	struct handle_seen seen;
	uint64_t pid;

	if (!columns_split(&listing->columns, line, cells, HANDLE_COLUMNS) ||
	    !span_has(cells[HANDLE], "0x"))
		return false;
	if (!span_number(cells[PID], INT32_MAX, &pid) || !pid) {
		listing->unread++;
		return true;
	}
	seen = (struct handle_seen){ .pid = (int32_t)pid, .type = cells[TYPE] };
	if (!is_empty(cells[PROCESS]))
		seen.process = cells[PROCESS];
	if (!is_empty(cells[NAME]))
		seen.object = cells[NAME];
	handle_counts_add(&listing->counts, dossier, &seen);
	return true;
}

static bool take_handles(void *state, struct dossier *dossier,
			 const struct text_context *context, const struct line *line)
{
	struct handle_listing *listing = state;
	struct columns columns;

	(void)context;
	if (columns_find(&columns, line, handle_columns, PROCESS)) {
		listing->columns = columns; /* several, of some processes each, are one */
		return true;
	}
	if (!listing->columns.separator)
		return false;
	return line_is_blank(line) || take_row(listing, dossier, line);
}

static void end_handles(void *state, struct dossier *dossier, bool is_last)
{
	struct handle_listing *listing = state;

	(void)is_last;
	if (listing->unread)
		dossier_note(dossier,
			     P_("%llu row was not understood", "%llu rows were not understood",
				(unsigned long)listing->unread),
			     (unsigned long long)listing->unread);
	handle_counts_finish(&listing->counts, dossier);
}

const struct text_format text_format_volatility_handles = {
	.name = "volatility-handles",
	.state_size = sizeof(struct handle_listing),
	.take = take_handles,
	.end = end_handles,
};
