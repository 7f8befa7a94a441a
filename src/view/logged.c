#include "view/logged.h"

#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/logged.h"
#include "snapshot/snapshot.h"
#include "view/layout.h"

#include <stdlib.h>
#include <string.h>

enum { CELLS = 7, MEANING_COLUMN = 21, LABEL_COLUMN = 10 };

static const struct layout_column columns[CELLS] = {
	{ .width = 20 }, { .width = 6, .right = true },
	{ .width = 20 }, { .width = 6 },
	{ .width = 20 }, { .width = 12 },
	{ 0 },
};

struct page {
	const struct snapshot *snapshot;
	const struct view_style *style;
	const struct logged_event **events; /* the latest last */
	size_t from, count;		    /* those before `from` are not shown */
	bool is_own;			    /* of this machine: there are no files */
	struct arena arena;
};

/* "2026-11-28 14:03:59Z"; without the Z where it is the time of that machine's own clock. */
static const char *time_text(struct arena *arena, int64_t time_ms, bool is_local)
{
	char time[32];

	if (!time_ms)
		return "-";
	view_time(time, time_ms);
	time[strlen("2026-11-28")] = ' ';
	time[strlen("2026-11-28 14:03:59")] = '\0';
	return arena_print(arena, "%s%s", time, is_local ? "" : "Z");
}

static const char *exhaustion_word(enum exhaustion exhaustion)
{
	return exhaustion == EXHAUSTION_LIKELY ? _("likely") :
	       exhaustion == EXHAUSTION_MAYBE  ? _("maybe") :
						 _("no");
}

static const char *file_of(const struct page *page, uint32_t artefact)
{
	return page->snapshot->evidence.artefacts[artefact].file;
}

static const char *absence_text(enum logged_absence absence)
{
	switch (absence) {
	case ABSENCE_WEAK:
		return _(
			"it has no Tcpip 4231 and no 4266 in that time, which is weak evidence "
			"that ports did not run out: after the first ones Windows may log no more");
	case ABSENCE_CLEARED:
		return _(
			"it has no Tcpip 4231 and no 4266, which proves nothing of before it was "
			"cleared");
	case ABSENCE_HOLES:
		return _(
			"it has no Tcpip 4231 and no 4266, which proves little: they may be among "
			"the records that are missing");
	case ABSENCE_EXCERPT:
		return _(
			"it has no Tcpip 4231 and no 4266, which proves nothing: it is a copy of "
			"some events, and others may have been left out");
	case ABSENCE_ELSEWHERE:
		return _("events of Tcpip stand in the log System, not in this one");
	}
	return "";
}

/* What others log when they reach nobody has other causes more often. */
static void write_sum(struct page *page)
{
	bool likely = false, maybe = false, companions = false;
	const char *text;

	for (size_t i = 0; i < page->count; i++) {
		const struct logged_event *event = page->events[i];
		enum exhaustion exhaustion = logged_exhaustion(event);
		bool is_own = event->provider && !strcmp(event->provider, "Tcpip");

		likely |= exhaustion == EXHAUSTION_LIKELY;
		maybe |= exhaustion == EXHAUSTION_MAYBE && is_own;
		companions |= exhaustion == EXHAUSTION_MAYBE && !is_own;
	}
	if (likely)
		text = _("events that most likely mean that no port was free");
	else if (maybe)
		text = _(
			"events that may mean that no port was free, and none that proves it");
	else if (companions)
		text = _(
			"no event that says that no port was free, but some that go with it, and "
			"have other causes as well");
	else if (page->snapshot->evidence.log_count)
		text = _("no event that says that no port was free");
	else if (page->is_own)
		text = _("the log of this machine could not be read");
	else
		text = _("there is no event log in the files");
	layout_item(page->style, "", 0, text, NULL);
}

static void write_heading(const struct page *page)
{
	static const char *const headings[CELLS] = { "LAST", "COUNT", "FIRST", "PORTS?",
						     "WHAT", "LOG",   "FILE" };

	layout_row(page->style, columns, headings, page->is_own ? CELLS - 1 : CELLS);
}

static const char *channel_of(const struct page *page, const struct logged_event *event)
{
	const struct evidence_facts *facts = &page->snapshot->evidence;

	for (size_t i = 0; i < facts->log_count; i++)
		if (facts->logs[i].artefact == event->artefact && facts->logs[i].channel)
			return facts->logs[i].channel;
	return "-";
}

static void write_event(struct page *page, const struct logged_event *event)
{
	char count[32];
	const char *cells[CELLS] = {
		time_text(&page->arena, event->last_ms, event->time_is_local),
		text_grouped(count, event->count),
		event->first_ms == event->last_ms ?
			"-" :
			time_text(&page->arena, event->first_ms, event->time_is_local),
		exhaustion_word(logged_exhaustion(event)),
		logged_name(&page->arena, event),
		channel_of(page, event),
		file_of(page, event->artefact),
	};

	layout_row(page->style, columns, cells, page->is_own ? CELLS - 1 : CELLS);
}

static void write_left_out(struct page *page)
{
	if (page->from)
		layout_item(page->style, "", 0,
			    arena_print(&page->arena,
					P_("and %zu older kind; --limit all shows it",
					   "and %zu older kinds; --limit all shows them",
					   page->from),
					page->from),
			    NULL);
}

static bool was_explained(const struct page *page, size_t at)
{
	for (size_t i = at + 1; i < page->count; i++)
		if (logged_topic(page->events[i]) == logged_topic(page->events[at]))
			return true;
	return false;
}

/* What it says, what to do, and its own words, which may have an address. */
static void write_meaning(struct page *page, const struct logged_event *event)
{
	const struct topic *topic = logged_topic(event);

	layout_item(page->style, topic->name, MEANING_COLUMN, _(topic->title), NULL);
	if (topic->tell)
		layout_item(page->style, "", MEANING_COLUMN, _(topic->tell), NULL);
	if (topic->next)
		layout_item(page->style, "", MEANING_COLUMN,
			    arena_print(&page->arena, _("next: %s"), _(topic->next)), NULL);
	if (event->text && page->style->verbose)
		layout_item(page->style, "", MEANING_COLUMN,
			    arena_print(&page->arena, _("the latest: %s"), event->text), NULL);
}

static void write_meanings(struct page *page)
{
	fputc('\n', page->style->out);
	for (size_t i = page->from; i < page->count; i++)
		if (logged_topic(page->events[i]) && !was_explained(page, i))
			write_meaning(page, page->events[i]);
}

static const char *span_text(struct page *page, const struct logged_log *log)
{
	char records[32];

	if (!log->oldest_ms)
		return arena_print(&page->arena,
				   P_("%s record, without a time", "%s records, without times",
				      (unsigned long)log->records),
				   text_grouped(records, log->records));
	return arena_print(&page->arena,
			   P_("%s record, from %s to %s", "%s records, from %s to %s",
			      (unsigned long)log->records),
			   text_grouped(records, log->records),
			   time_text(&page->arena, log->oldest_ms, log->time_is_local),
			   time_text(&page->arena, log->newest_ms, log->time_is_local));
}

static const char *state_text(struct page *page, const struct logged_log *log)
{
	const char *text = span_text(page, log);
	char number[32], more[32];

	if (log->looked_from_ms > log->oldest_ms)
		text = arena_print(
			&page->arena, _("%s; looked at from %s on"), text,
			time_text(&page->arena, log->looked_from_ms, log->time_is_local));

	if (log->missing)
		text = arena_print(&page->arena,
				   P_("%s; %s record in between is missing",
				      "%s; %s records in between are missing",
				      (unsigned long)log->missing),
				   text, text_grouped(number, log->missing));
	if (log->recovered)
		text = arena_print(
			&page->arena,
			P_("%s; %s remains of what had been overwritten, %s could be read",
			   "%s; %s remain of what had been overwritten, %s could be read",
			   (unsigned long)log->recovered),
			text, text_grouped(number, log->recovered),
			text_grouped(more, log->recovered_read));
	if (log->corrupted)
		text = arena_print(&page->arena, _("%s; it was not closed, or is spoilt"),
				   text);
	if (log->cleared)
		text = arena_print(
			&page->arena, _("%s; cleared at %s"), text,
			time_text(&page->arena, log->cleared_ms, log->time_is_local));
	return text;
}

static const char *log_text(struct page *page, const struct logged_log *log)
{
	const char *channel = log->channel ? log->channel : _("not named");

	if (page->is_own)
		return arena_print(&page->arena, _("%s: %s"), channel, state_text(page, log));
	return arena_print(&page->arena, _("%s in %s: %s"), channel,
			   file_of(page, log->artefact), state_text(page, log));
}

static void write_logs(struct page *page)
{
	const struct evidence_facts *facts = &page->snapshot->evidence;

	fputc('\n', page->style->out);
	for (size_t i = 0; i < facts->log_count; i++) {
		const struct logged_log *log = &facts->logs[i];

		layout_item(page->style, _("log"), LABEL_COLUMN, log_text(page, log), NULL);
		if (!logged_has_proof(facts, log))
			layout_item(page->style, "", LABEL_COLUMN,
				    absence_text(logged_absence_in(log)), NULL);
	}
}

static bool any_local(const struct evidence_facts *facts)
{
	for (size_t i = 0; i < facts->log_count; i++)
		if (facts->logs[i].time_is_local)
			return true;
	return false;
}

static void write_files(struct page *page)
{
	const struct evidence_facts *facts = &page->snapshot->evidence;

	for (size_t i = 0; i < facts->artefact_count; i++) {
		const struct artefact *artefact = &facts->artefacts[i];
		const char *why = artefact->why_not ? artefact->why_not : artefact->partial;

		if (why)
			layout_item(page->style, artefact->why_not ? _("unread") : _("partly"),
				    LABEL_COLUMN,
				    arena_print(&page->arena, "%s: %s", artefact->file, why),
				    NULL);
	}
}

/* What of this machine could not be looked at. Of files write_files() tells it. */
static void write_own(struct page *page)
{
	view_text_gaps(page->snapshot, page->style);
	if (page->style->verbose)
		view_text_sources(page->snapshot, page->style);
}

static struct page begin_page(const struct snapshot *snapshot, const struct view_style *style)
{
	return (struct page){ .snapshot = snapshot,
			      .style = style,
			      .is_own = snapshot->evidence.own };
}

void logged_text(const struct snapshot *snapshot, const struct view_style *style)
{
	struct page page = begin_page(snapshot, style);

	page.events = logged_by_time(&snapshot->evidence);
	page.count = snapshot->evidence.event_count;
	page.from = page.count > style->limit ? page.count - (size_t)style->limit : 0;
	write_sum(&page);
	if (page.count) {
		fputc('\n', style->out);
		write_heading(&page);
		for (size_t i = page.from; i < page.count; i++)
			write_event(&page, page.events[i]);
		write_left_out(&page);
		write_meanings(&page);
	}
	if (snapshot->evidence.log_count)
		write_logs(&page);
	if (any_local(&snapshot->evidence))
		layout_item(
			style, "", 0,
			_("A time without Z is of that machine's clock, in a time zone that the "
			  "file does not tell."),
			NULL);
	if (page.is_own)
		write_own(&page);
	else
		write_files(&page);
	free(page.events);
	arena_free(&page.arena);
}

void logged_heading_text(const struct snapshot *snapshot, const struct view_style *style)
{
	const struct page page = begin_page(snapshot, style);

	write_heading(&page);
}

void logged_event_text(const struct snapshot *snapshot, const struct logged_event *event,
		       bool explain, const struct view_style *style)
{
	struct page page = begin_page(snapshot, style);

	write_event(&page, event);
	if (explain && logged_topic(event))
		write_meaning(&page, event);
	arena_free(&page.arena);
}
