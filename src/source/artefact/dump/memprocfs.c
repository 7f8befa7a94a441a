#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/dump/handle_counts.h"
#include "source/artefact/dump/hex.h"
#include "source/artefact/dump/socket_row.h"
#include "source/artefact/text/text_format.h"

#include <string.h>

/*
 * What MemProcFS shows of a complete memory dump: sys/net/netstat.txt and netstat-v.txt (m_sys_net.c), handles.txt of a process
 * (m_proc_handle.c), and of all of them forensic/csv/net.csv and handles.csv (m_fc_handle.c).
 */

/* Lines of dashes or equals signs stand below the headings. */
static bool is_rule(const struct line *line)
{
	struct span text = line_trimmed(line);

	for (size_t i = 0; i < text.length; i++)
		if (text.text[i] != '-' && text.text[i] != '=')
			return false;
	return true;
}

static bool is_heading(const struct line *line, const char *const *names)
{
	struct span words[16];
	size_t count = line_fields(line, words, 16);

	for (size_t i = 0; names[i]; i++)
		if (i >= count || !span_is(words[i], names[i]))
			return false;
	return true;
}

static bool is_hex(struct span text)
{
	uint64_t number;

	return hex_number(text, UINT64_MAX, &number);
}

/* ---- sockets ---- */

struct net {
	struct socket_table csv;
	bool begun; /* the text, whose rows are of another form */
};

/* Names of programs may have blanks; netstat-v.txt has more behind two of them. */
static struct span owner_of(struct span rest)
{
	for (size_t i = 0; i + 1 < rest.length; i++)
		if (rest.text[i] == ' ' && rest.text[i + 1] == ' ')
			rest.length = i;
	return rest;
}

/* index pid protocol state local remote program */
static bool take_row(struct net *net, struct dossier *dossier, const struct line *line)
{
	struct span words[7] = { { NULL, 0 } };
	size_t count = line_fields(line, words, 7);

	if (count < 6 || !is_hex(words[0]))
		return false;
	return socket_row_take(&net->csv.rows, dossier,
			       &(struct socket_row){ .protocol = words[2],
						     .state = words[3],
						     .local = words[4],
						     .remote = words[5],
						     .pid = words[1],
						     .owner = owner_of(words[6]) });
}

static bool take_net(void *state, struct dossier *dossier, const struct text_context *context,
		     const struct line *line)
{
	static const char *const heading[] = {
		"#", "PID", "Proto", "State", "Src", "Dst", NULL
	};
	static const char *const csv[] = { "Proto", "SrcAddr", "SrcPort", "DstAddr", "DstPort",
					   "State", "PID",     "Process", NULL };
	struct net *net = state;
	struct columns columns;

	(void)context;
	if (is_heading(line, heading)) {
		if (net->begun || net->csv.columns.separator)
			socket_rows_end(&net->csv.rows, dossier);
		net->csv.columns.separator = 0;
		net->begun = true;
		socket_rows_begin(dossier, "MemProcFS netstat.txt");
		return true;
	}
	if (columns_find(&columns, line, csv, SOCKET_COLUMNS_NEEDED))
		net->begun = false; /* its rows are of the other form from now on */
	if (net->begun)
		return is_rule(line) || take_row(net, dossier, line);
	return socket_table_take(&net->csv, dossier, line, csv, "MemProcFS net.csv");
}

static void end_net(void *state, struct dossier *dossier, bool is_last)
{
	struct net *net = state;

	(void)is_last;
	socket_rows_end(&net->csv.rows, dossier);
}

const struct text_format text_format_memprocfs_sockets = {
	.name = "memprocfs-sockets",
	.state_size = sizeof(struct net),
	.take = take_net,
	.end = end_net,
};

/* ---- handles ---- */

struct handle_listing {
	struct columns csv;
	bool begun;
	struct handle_counts counts;
};

enum { PID, HANDLE, TYPE, DESCRIPTION, DEVICE, HANDLE_COLUMNS };

static const char *const handle_columns[] = {
	[PID] = "PID",		 [HANDLE] = "Handle",
	[TYPE] = "Type",	 [DESCRIPTION] = "Description",
	[DEVICE] = "Device", /* "Afd" */
	[HANDLE_COLUMNS] = NULL,
};

/* Of a file the device and what is opened below it are told apart. */
static struct span join(struct span device, struct span path, char *buffer, size_t size)
{
	if (!device.length || device.length + path.length + 1 > size)
		return device.length ? device : path;
	buffer[0] = '\\';
	memcpy(buffer + 1, device.text, device.length);
	memcpy(buffer + 1 + device.length, path.text, path.length);
	return (struct span){ buffer, 1 + device.length + path.length };
}

static bool take_csv(struct handle_listing *listing, struct dossier *dossier,
		     const struct line *line)
{
	struct span cells[HANDLE_COLUMNS];
	struct handle_seen seen = { 0 };
	char name[256];
	uint64_t pid;

	if (!columns_split(&listing->csv, line, cells, HANDLE_COLUMNS) ||
	    !span_number(cells[PID], INT32_MAX, &pid) || !pid)
		return false;
	seen.pid = (int32_t)pid;
	seen.type = cells[TYPE];
	seen.object = join(cells[DEVICE], cells[DESCRIPTION], name, sizeof name);
	handle_counts_add(&listing->counts, dossier, &seen);
	return true;
}

/* "%04x%7i%8x %16llx %6x %-16s %s": the type has a column of its own, for some have blanks ("ALPC Port"). */
static struct span type_of(const struct line *line, struct span access, struct span *object)
{
	enum { TYPE_COLUMNS = 16 };
	size_t at = (size_t)(access.text - line->text) + access.length;
	struct line type = { .text = line->text + at, .length = line->length - at };
	struct line rest;

	if (type.length > TYPE_COLUMNS + 1)
		type.length = TYPE_COLUMNS + 1;
	rest = (struct line){ .text = type.text + type.length,
			      .length = line->length - at - type.length };
	*object = line_trimmed(&rest);
	return line_trimmed(&type);
}

/* index pid handle object access type description */
static bool take_text(struct handle_listing *listing, struct dossier *dossier,
		      const struct line *line)
{
	struct span words[6];
	struct handle_seen seen = { 0 };
	uint64_t pid;

	if (line_fields(line, words, 6) < 5 || !is_hex(words[0]) || !is_hex(words[2]) ||
	    !is_hex(words[3]) || !is_hex(words[4]) ||
	    !span_number(words[1], INT32_MAX, &pid) || !pid)
		return false;
	seen.pid = (int32_t)pid;
	seen.type = type_of(line, words[4], &seen.object);
	handle_counts_add(&listing->counts, dossier, &seen);
	return true;
}

static bool take_handles(void *state, struct dossier *dossier,
			 const struct text_context *context, const struct line *line)
{
	static const char *const heading[] = { "#",	  "PID",    "Handle", "Object",
					       "Address", "Access", "Type",   NULL };
	struct handle_listing *listing = state;
	struct columns columns;

	(void)context;
	if (is_heading(line, heading)) {
		listing->begun = true;
		listing->csv.separator = 0;
		return true;
	}
	if (columns_find(&columns, line, handle_columns, DEVICE)) {
		listing->begun = false;
		listing->csv = columns;
		return true;
	}
	if (listing->begun)
		return is_rule(line) || take_text(listing, dossier, line);
	return listing->csv.separator &&
	       (line_is_blank(line) || take_csv(listing, dossier, line));
}

static void end_handles(void *state, struct dossier *dossier, bool is_last)
{
	struct handle_listing *listing = state;

	(void)is_last;
	handle_counts_finish(&listing->counts, dossier);
}

const struct text_format text_format_memprocfs_handles = {
	.name = "memprocfs-handles",
	.state_size = sizeof(struct handle_listing),
	.take = take_handles,
	.end = end_handles,
};
