#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/series.h"
#include "source/artefact/text/stamp.h"
#include "source/artefact/text/text_format.h"
#include "source/artefact/windows/netstat_command.h"
#include "source/artefact/windows/netstat_row.h"
#include "source/artefact/windows/netstat_state.h"

#include <stdio.h>
#include <string.h>

/*
 * netstat of Windows, in any language. Only rows are understood, and what is in brackets behind them; titles and headers
 * are in the user's language and tell only that another listing begins. What a loop or a console has written before
 * a listing (date, command) is looked for in the last lines that nobody took.
 */
struct netstat {
	bool in_table;
	bool broken;	    /* a title, prompt or header has come since the last row */
	bool gap_since_row; /* something has that may be such */
	bool is_indented;   /* rows are, and so is what belongs to them */
	bool has_pids, has_tcp, has_udp, has_programs;
	bool row_was_read; /* the latest */
	bool is_last;	   /* the file ends */
	bool ends_within;  /* the file ends in its last row */
	bool earlier_had_udp;
	uint64_t rows, unread_rows;
	uint64_t last_row; /* number of its line */
	size_t tables;
	struct netstat_command command;
	struct netstat_words words;
};

/* ---- one listing ---- */

/* Of the same file without a command that would tell: one listing with bound ports shows that all were asked for them. */
static void settle_bound(struct dossier *dossier, struct netstat_command *command, char *what,
			 size_t size)
{
	struct netstat_command other = *command;
	char without[40];

	if (command->is_echoed)
		return;
	if (!command->bound) {
		other.bound = true;
		netstat_command_print(&other, without, sizeof without);
		if (series_has(dossier, without)) {
			command->bound = true;
			memcpy(what, without, size < sizeof without ? size : sizeof without);
		}
		return;
	}
	other.bound = false;
	netstat_command_print(&other, without, sizeof without);
	series_rename(dossier, without,
		      dossier_text(dossier, (struct span){ what, strlen(what) }));
}

static bool has_state(const struct dossier_table *table, enum socket_state state)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->sockets[i].state == state)
			return true;
	return false;
}

static void describe(struct netstat *netstat, struct dossier *dossier,
		     struct dossier_table *table)
{
	struct netstat_command *command = &netstat->command;
	char what[40];

	table->shows_listeners = has_state(table, SOCKET_LISTEN) || command->all;
	command->all |= table->shows_listeners;
	command->bound |= has_state(table, SOCKET_BOUND);
	command->numeric |= netstat->unread_rows < table->count;
	command->owners |= netstat->has_pids;
	command->programs |= netstat->has_programs;
	netstat_command_print(command, what, sizeof what);
	settle_bound(dossier, command, what, sizeof what);
	table->what = dossier_text(dossier, (struct span){ what, strlen(what) });
	table->shows_owners = netstat->has_pids;
	table->shows_bound = command->bound;
	table->shows_tcp =
		netstat->has_tcp || (command->is_echoed && command->all && !command->no_tcp);
	table->shows_udp =
		netstat->has_udp || (command->is_echoed && command->all && !command->no_udp);
}

/* TCP comes first: a listing that was cut has no UDP where those before it have some. */
static void mind_end(struct netstat *netstat, struct dossier *dossier,
		     struct dossier_table *table)
{
	bool is_alone = netstat->tables < 2;
	bool is_short = netstat->earlier_had_udp && !netstat->has_udp;

	/* A single one that was copied without the end of its last line is whole if that is a row. */
	if (!netstat->is_last || !(is_alone ? netstat->ends_within && netstat->unread_rows :
					      netstat->ends_within || is_short))
		return;
	table->is_excerpt = table->is_cut = true;
	dossier_note(
		dossier, "%s",
		is_alone ? _("the file ends within its listing") :
			   _("the file ends within its last listing; the one before counts"));
}

static void finish(struct dossier *dossier, struct dossier_table *table, void *state)
{
	struct netstat *netstat = state;

	netstat->in_table = false;
	netstat_words_settle(&netstat->words, table->sockets, table->count);
	describe(netstat, dossier, table);
	table->unread_rows += netstat->unread_rows;
	mind_end(netstat, dossier, table);
	if (netstat->unread_rows)
		dossier_note(dossier,
			     P_("%llu row has names in place of numbers, or is cut; "
				"netstat -n has numbers",
				"%llu rows have names in place of numbers, or are cut; "
				"netstat -n has numbers",
				(unsigned long)netstat->unread_rows),
			     (unsigned long long)netstat->unread_rows);
	netstat->earlier_had_udp |= netstat->has_udp;
}

/* ---- what stands before one ---- */

/* Columns are two blanks apart, in any language; words of a sentence one. */
static bool is_header(struct span line)
{
	enum { FEWEST_COLUMNS = 3 };
	size_t columns = 1;

	for (size_t i = 1; i < line.length; i++)
		columns += line.text[i] != ' ' && line.text[i - 1] == ' ' && i > 1 &&
			   line.text[i - 2] == ' ';
	return columns >= FEWEST_COLUMNS || span_has(line, "Proto ");
}

static bool is_indented(const struct line *line)
{
	return line->text[0] == ' ' || line->text[0] == '\t';
}

/* A date and a time may stand on lines of their own. */
static void take_stamp(struct dossier_table *table, struct dossier *dossier, const char *line)
{
	const struct span whole = { line, strlen(line) };
	struct stamp stamp;
	struct span text;

	if (!stamp_find(whole, &stamp, &text) ||
	    (table->stamp && strchr(table->stamp, ':') && !stamp.has_date))
		return;
	if (table->stamp && stamp.has_date && !stamp.has_time) {
		char both[2 * CONTEXT_LENGTH];
		int length = snprintf(both, sizeof both, "%.*s %s", (int)text.length,
				      text.text, table->stamp);

		table->stamp = dossier_text(dossier, (struct span){ both, (size_t)length });
	} else if (!table->stamp) {
		table->stamp = dossier_text(dossier, text);
	}
}

static void look_before(struct netstat *netstat, struct dossier *dossier,
			struct dossier_table *table, const struct text_context *context,
			const struct line *line)
{
	enum { LINES_BEFORE = 12 };
	bool has_header = false;

	for (int i = 0; i < CONTEXT_LINES; i++) {
		const char *before = context->before[i];

		if (!context->numbers[i] || context->numbers[i] <= netstat->last_row ||
		    context->numbers[i] + LINES_BEFORE < line->number)
			break;
		has_header |= !i && is_header((struct span){ before, strlen(before) });
		take_stamp(table, dossier, before);
		if (!netstat->command.is_echoed)
			netstat_command_read(before, &netstat->command);
	}
	/* Only findstr and its like leave the header out, or somebody who pastes. */
	table->is_excerpt = !has_header || netstat->command.is_filtered;
}

static void begin_table(struct netstat *netstat, struct dossier *dossier,
			const struct text_context *context, const struct line *line)
{
	struct dossier_table *table;

	if (netstat->in_table)
		dossier_end_table(dossier);
	*netstat = (struct netstat){
		.in_table = true,
		.is_indented = is_indented(line),
		.earlier_had_udp = netstat->earlier_had_udp,
		.tables = netstat->tables + 1,
		.last_row = netstat->last_row,
	};
	table = dossier_begin_table(dossier, "netstat", FROM_WINDOWS);
	table->finish = finish;
	table->state = netstat;
	look_before(netstat, dossier, table, context, line);
}

/* ---- line by line ---- */

static void take_row(struct netstat *netstat, struct dossier *dossier,
		     enum netstat_row_kind kind, struct netstat_row *row,
		     const struct line *line)
{
	bool is_tcp = row->socket.protocol == PROTOCOL_TCP;

	netstat->last_row = line->number;
	netstat->gap_since_row = false;
	netstat->has_tcp |= is_tcp;
	netstat->has_udp |= !is_tcp;
	/* A row without a pid where others have one is cut. */
	if (kind == NETSTAT_ROW && netstat->has_pids && row->socket.pid < 0)
		kind = NETSTAT_UNREAD;
	netstat->ends_within = line->unended;
	netstat->row_was_read = kind == NETSTAT_ROW;
	if (kind == NETSTAT_UNREAD) {
		netstat->unread_rows++;
		return;
	}
	netstat->has_pids |= row->socket.pid >= 0;
	netstat_words_judge(&netstat->words, row->state, &row->socket);
	dossier_add_socket(dossier, &row->socket);
}

/* " [svchost.exe]" below its row. */
static bool take_program(struct netstat *netstat, struct dossier *dossier,
			 const struct line *line)
{
	struct dossier_table *table = &dossier->open_table;
	struct span text = line_trimmed(line);

	if (text.length < 3 || text.text[0] != '[' || text.text[text.length - 1] != ']')
		return false;
	text.text++;
	text.length -= 2;
	netstat->has_programs = true;
	if (netstat->row_was_read && table->count)
		table->sockets[table->count - 1].name = dossier_text(dossier, text);
	return true;
}

static bool is_prompt(const struct line *line)
{
	struct span text = line_trimmed(line);

	return text.length > 3 && (text.text[1] == ':' || !memcmp(text.text, "PS ", 3)) &&
	       memchr(text.text, '>', text.length);
}

static bool has_date(const struct line *line)
{
	struct stamp stamp;
	struct span where;

	return stamp_find(line_trimmed(line), &stamp, &where) && stamp.has_date;
}

/* Between rows: programs, their components, sentences that say why there is none. Anything else is the end of it. */
static bool take_between(struct netstat *netstat, struct dossier *dossier,
			 const struct line *line)
{
	if (netstat->broken)
		return false;
	if (take_program(netstat, dossier, line))
		return true;
	if (line_is_blank(line)) {
		netstat->gap_since_row = true;
		return true;
	}
	if (netstat->is_indented && is_indented(line) && !is_header(line_trimmed(line)))
		return true;
	netstat->gap_since_row = true;
	netstat->broken = netstat->is_indented || is_header(line_trimmed(line)) ||
			  is_prompt(line) || has_date(line);
	return false;
}

static bool take(void *state, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct netstat *netstat = state;
	struct netstat_row row;
	enum netstat_row_kind kind = netstat_row_read(line, &row);

	if (kind == NETSTAT_NO_ROW)
		return netstat->in_table && take_between(netstat, dossier, line);
	if (!netstat->in_table || netstat->broken ||
	    (netstat->gap_since_row && netstat->has_udp &&
	     row.socket.protocol == PROTOCOL_TCP))
		begin_table(netstat, dossier, context, line);
	take_row(netstat, dossier, kind, &row, line);
	return true;
}

static void end(void *state, struct dossier *dossier, bool is_last)
{
	struct netstat *netstat = state;

	netstat->is_last = is_last;
	if (netstat->in_table)
		dossier_end_table(dossier);
}

const struct text_format text_format_windows_netstat = {
	.name = "netstat",
	.state_size = sizeof(struct netstat),
	.take = take,
	.end = end,
};
