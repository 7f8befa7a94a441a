#include "view/evidence.h"

#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/diagnosis.h"
#include "view/layout.h"
#include "view/traced.h"
#include "view/view.h"

#include <string.h>

/* Of a folder with hundreds of files the first of each sort are told, and how many more there are. */
enum { READ_SHOWN = 12, REFUSED_SHOWN = 6, LABEL_COLUMNS = 10 };

struct page {
	const struct snapshot *snapshot;
	const struct view_style *style;
	size_t folder; /* so many bytes of the files' names are the same folder */
	struct arena arena;
};

/* What was written where it was read is English; the catalogues have it, if it is a sentence of ours. */
static const char *in_language(const char *text)
{
	return text && *text ? _(text) : text;
}

/* ---- their names ---- */

const char *evidence_file(const struct evidence_facts *facts, size_t artefact,
			  struct arena *arena)
{
	return arena_copy(arena, facts->artefacts[artefact].file + evidence_folder(facts));
}

bool evidence_file_is_among(const struct evidence_facts *facts, uint32_t artefact,
			    const uint32_t *others, size_t count)
{
	const char *file = facts->artefacts[artefact].file;

	for (size_t i = 0; i < count; i++)
		if (!strcmp(facts->artefacts[others[i]].file, file))
			return true;
	return false;
}

/* ---- what was read ---- */

static unsigned long count_sockets(const struct snapshot *snapshot, enum protocol protocol)
{
	unsigned long count = 0;

	for (size_t i = 0; i < snapshot->holding_count; i++)
		if (snapshot->holdings[i].key.protocol == protocol)
			count += snapshot->holdings[i].sockets;
	return count;
}

/* "254 TCP sockets, 94 UDP sockets" of the listing that counts; NULL: it is another. */
static const char *sockets_text(struct page *page, size_t index)
{
	const char *text = NULL;

	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++) {
		unsigned long sockets = count_sockets(page->snapshot, protocol);
		char count[32];
		const char *more;

		if (page->snapshot->evidence.listing[protocol] != index + 1)
			continue;
		more = arena_print(&page->arena,
				   protocol == PROTOCOL_TCP ?
					   P_("%s TCP socket", "%s TCP sockets", sockets) :
					   P_("%s UDP socket", "%s UDP sockets", sockets),
				   text_grouped(count, sockets));
		text = text ? arena_print(&page->arena, _("%s, %s"), text, more) : more;
	}
	return text;
}

static const char *artefact_text(struct page *page, size_t index)
{
	const struct artefact *artefact = &page->snapshot->evidence.artefacts[index];
	const char *kind = artefact->kind ? artefact->kind : _("text");
	const char *sockets = sockets_text(page, index), *text;
	char count[32];

	text = arena_print(&page->arena,
			   P_("%s: %s, %s record", "%s: %s, %s records",
			      (unsigned long)artefact->records),
			   artefact->file + page->folder, kind,
			   text_grouped(count, artefact->records));
	if (sockets)
		text = arena_print(&page->arena, _("%s: %s"), text, sockets);
	else if (artefact->used_for)
		text = arena_print(&page->arena, _("%s, for: %s"), text,
				   in_language(artefact->used_for));
	if (artefact->partial)
		text = arena_print(&page->arena, _("%s; note: %s"), text,
				   in_language(artefact->partial));
	return text;
}

static void write_more(struct page *page, size_t count, size_t shown)
{
	if (count <= shown)
		return;
	count -= shown;
	layout_item(page->style, "", LABEL_COLUMNS,
		    arena_print(&page->arena,
				P_("and %zu more; --json lists them all",
				   "and %zu more; --json lists them all", count),
				count),
		    NULL);
}

static void write_read(struct page *page)
{
	const struct evidence_facts *facts = &page->snapshot->evidence;
	size_t count = 0;

	for (size_t i = 0; i < facts->artefact_count; i++)
		if (!facts->artefacts[i].why_not && count++ < READ_SHOWN)
			layout_item(page->style, count == 1 ? _("read") : "", LABEL_COLUMNS,
				    artefact_text(page, i), NULL);
	write_more(page, count, READ_SHOWN);
}

static void write_refused(struct page *page)
{
	const struct evidence_facts *facts = &page->snapshot->evidence;
	size_t count = 0;

	for (size_t i = 0; i < facts->artefact_count; i++) {
		const struct artefact *artefact = &facts->artefacts[i];

		if (artefact->why_not && count++ < REFUSED_SHOWN)
			layout_item(page->style, count == 1 ? _("unread") : "", LABEL_COLUMNS,
				    arena_print(&page->arena, _("%s: %s"),
						artefact->file + page->folder,
						in_language(artefact->why_not)),
				    NULL);
	}
	write_more(page, count, REFUSED_SHOWN);
}

/* Of which machine, and of when. A time without a zone is that machine's own. */
static void write_machine(struct page *page)
{
	const struct snapshot *snapshot = page->snapshot;
	const struct evidence_facts *facts = &snapshot->evidence;
	const char *text = arena_print(
		&page->arena,
		_("the machine that the files are of, %s (%s); pids and commands are of that "
		  "machine"),
		snapshot->host_name ? snapshot->host_name : _("name not told"),
		snapshot->windows ? "Windows" : "Linux");
	char time[32];

	if (snapshot->time_ms)
		text = arena_print(&page->arena, _("%s; its sockets at %s"), text,
				   view_time(time, snapshot->time_ms));
	else if (facts->listing_stamp)
		text = arena_print(&page->arena,
				   _("%s; its sockets at %s by its own clock, in a time zone "
				     "that is not told"),
				   text, facts->listing_stamp);
	else if (snapshot->holding_count)
		text = arena_print(&page->arena, _("%s; when they were listed is not told"),
				   text);
	layout_item(page->style, _("of"), LABEL_COLUMNS, text, NULL);
}

void evidence_text(const struct snapshot *snapshot, const char *file,
		   const struct view_style *style)
{
	struct page page = { .snapshot = snapshot, .style = style };

	if (!evidence_was_sent(&snapshot->evidence)) {
		view_text_origin(snapshot, file, style);
		return;
	}
	page.folder = evidence_folder(&snapshot->evidence);
	if (page.folder)
		layout_item(style, _("in"), LABEL_COLUMNS,
			    arena_print(&page.arena, "%.*s", (int)page.folder,
					snapshot->evidence.artefacts[0].file),
			    NULL);
	write_read(&page);
	write_refused(&page);
	write_machine(&page);
	arena_free(&page.arena);
}

static void write_counts(struct page *page)
{
	const struct evidence_facts *facts = &page->snapshot->evidence;
	unsigned long read = 0, refused = 0;
	const char *last = NULL, *text;

	/* Parts of one file follow each other. */
	for (size_t i = 0; i < facts->artefact_count; i++)
		if (facts->artefacts[i].why_not)
			refused++;
		else if (!last || strcmp(last, facts->artefacts[i].file) != 0) {
			last = facts->artefacts[i].file;
			read++;
		}
	text = read == 1 && !refused ?
		       facts->artefacts[0].file :
		       arena_print(&page->arena, P_("%lu file", "%lu files", read), read);
	if (refused)
		text = arena_print(&page->arena,
				   P_("%s; %lu was not understood: portroom read tells why",
				      "%s; %lu were not understood: portroom read tells why",
				      refused),
				   text, refused);
	layout_item(page->style, _("read"), LABEL_COLUMNS, text, NULL);
}

void evidence_brief_text(const struct snapshot *snapshot, const char *file,
			 const struct view_style *style)
{
	struct page page = { .snapshot = snapshot, .style = style };

	if (style->verbose || !evidence_was_sent(&snapshot->evidence)) {
		evidence_text(snapshot, file, style);
		return;
	}
	write_counts(&page);
	write_machine(&page);
	arena_free(&page.arena);
}

/* ---- JSON ---- */

static void write_file(struct json *json, const struct evidence_facts *facts,
		       uint32_t artefact)
{
	json_text(json, "file", facts->artefacts[artefact].file);
}

static void write_artefacts(struct json *json, const struct evidence_facts *facts)
{
	json_array(json, "artefacts");
	for (size_t i = 0; i < facts->artefact_count; i++) {
		const struct artefact *artefact = &facts->artefacts[i];

		json_row(json, NULL);
		json_text(json, "file", artefact->file);
		json_text(json, "kind", artefact->kind);
		json_number(json, "records", (int64_t)artefact->records);
		json_text(json, "used_for", artefact->used_for);
		json_text(json, "partial", artefact->partial);
		json_text(json, "why_not", artefact->why_not);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_events(struct json *json, const struct evidence_facts *facts)
{
	json_array(json, "events");
	for (size_t i = 0; i < facts->event_count; i++) {
		const struct logged_event *event = &facts->events[i];

		json_row(json, NULL);
		write_file(json, facts, event->artefact);
		json_number(json, "id", event->id);
		json_text(json, "provider", event->provider);
		json_number(json, "count", (int64_t)event->count);
		view_json_time(json, "first", event->first_ms);
		view_json_time(json, "last", event->last_ms);
		json_text(json, "text", event->text);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_logs(struct json *json, const struct evidence_facts *facts)
{
	json_array(json, "logs");
	for (size_t i = 0; i < facts->log_count; i++) {
		const struct logged_log *log = &facts->logs[i];

		json_row(json, NULL);
		write_file(json, facts, log->artefact);
		json_text(json, "channel", log->channel);
		json_number(json, "records", (int64_t)log->records);
		json_number(json, "recovered", (int64_t)log->recovered);
		view_json_time(json, "oldest", log->oldest_ms);
		view_json_time(json, "newest", log->newest_ms);
		view_json_time(json, "looked_from", log->looked_from_ms);
		json_bool(json, "cleared", log->cleared);
		view_json_time(json, "cleared_time", log->cleared_ms);
		json_bool(json, "excerpt", log->excerpt);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_process(struct json *json, const struct snapshot *snapshot, int64_t index)
{
	const struct process *process = index < 0 ? NULL : &snapshot->processes[index];

	view_json_pid(json, "pid", process);
	json_text(json, "name", process ? process->name : NULL);
}

static void write_failures(struct json *json, const struct snapshot *snapshot)
{
	const struct evidence_facts *facts = &snapshot->evidence;

	json_array(json, "failures");
	for (size_t i = 0; i < facts->failure_count; i++) {
		const struct traced_failure *failure = &facts->failures[i];
		char status[16];

		snprintf(status, sizeof status, "0x%08X", (unsigned)failure->status);
		json_row(json, NULL);
		write_file(json, facts, failure->artefact);
		json_text(json, "call", failure_call_name(failure->call));
		json_text(json, "protocol",
			  failure->protocol_known ? protocol_name(failure->protocol) : NULL);
		json_text(json, "status", failure->status ? status : NULL);
		json_text(json, "error", failure->error);
		write_process(json, snapshot, failure->process);
		view_json_address(json, "local", &failure->local);
		view_json_address(json, "remote", &failure->remote);
		json_known(json, "remote_port",
			   failure->remote_port ? failure->remote_port : -1);
		json_bool(json, "ephemeral", failure->ephemeral);
		json_number(json, "count", (int64_t)failure->count);
		view_json_time(json, "first", failure->first_ms);
		view_json_time(json, "last", failure->last_ms);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_counted(struct json *json, const struct snapshot *snapshot)
{
	const struct evidence_facts *facts = &snapshot->evidence;

	json_array(json, "counted");
	for (size_t i = 0; i < facts->counted_count; i++) {
		const struct counted_share *share = &facts->counted[i];

		json_row(json, NULL);
		write_file(json, facts, share->artefact);
		write_process(json, snapshot, share->process);
		json_text(json, "protocol", protocol_name(share->protocol));
		json_text(json, "state",
			  share->state < SOCKET_STATE_COUNT ? socket_state_name(share->state) :
							      NULL);
		json_number(json, "sockets", (int64_t)share->sockets);
		json_end_object(json);
	}
	json_end_array(json);
}

/* What could show the sockets, and by what rules they were judged; null: it is no Windows. */
static void write_listing(struct json *json, const struct snapshot *snapshot)
{
	const struct windows *windows = snapshot->windows;

	if (!windows) {
		json_null(json, "listing");
		return;
	}
	json_row(json, "listing");
	json_text(json, "command", windows->listing);
	json_bool(json, "bound", windows->bound_listed);
	json_bool(json, "owners", windows->owners_listed);
	json_bool(json, "whole", windows->listing && !windows->listing_cut);
	json_known(json, "build", windows->build);
	json_known(json, "timed_wait_delay_s", windows->timed_wait_delay_s);
	json_end_object(json);
}

void evidence_json(struct json *json, const struct diagnosis *diagnosis)
{
	const struct snapshot *snapshot = diagnosis->snapshot;
	const struct evidence_facts *facts = &snapshot->evidence;

	if (!facts->artefact_count) {
		json_null(json, "evidence");
		return;
	}
	json_object(json, "evidence");
	json_text(json, "strength", strength_name(diagnosis->strength));
	write_artefacts(json, facts);
	write_listing(json, snapshot);
	write_events(json, facts);
	write_logs(json, facts);
	json_array(json, "traces");
	for (size_t i = 0; i < facts->trace_count; i++)
		view_json_trace(json, snapshot, &facts->traces[i]);
	json_end_array(json);
	write_failures(json, snapshot);
	write_counted(json, snapshot);
	json_end_object(json);
}
