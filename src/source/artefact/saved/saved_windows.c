#include "source/artefact/saved/saved_reader.h"

#include "base/language.h"

/*
 * What a Windows machine has besides: its four ranges, and its own logs.
 */

static int take_windows(struct saved_reader *reader, size_t object, void *item)
{
	(void)object;
	*reader->snapshot->windows = *(const struct windows *)item;
	return 1;
}

static int take_windows_range(struct saved_reader *reader, size_t object, void *item)
{
	struct windows_range *ranges = &reader->snapshot->windows->ranges[0][0];

	(void)object;
	ranges[reader->row] = *(const struct windows_range *)item;
	return 1;
}

static bool has_all_rows(struct saved_reader *reader, const struct saved_table *table)
{
	size_t array = saved_find_rows(reader, table);

	if (!array)
		return false;
	if (json_size_of(&reader->tokens, array) == table->most)
		return true;
	saved_fail(reader, "row", _("is missing"));
	return false;
}

/* Files of Linux have no such lists. */
int saved_read_windows(struct saved_reader *reader)
{
	struct snapshot *snapshot = reader->snapshot;

	if (!json_find(&reader->tokens, 0, saved_windows.key, 0))
		return 0;
	snapshot->windows = arena_alloc(saved_arena(reader), sizeof *snapshot->windows);
	if (!has_all_rows(reader, &saved_windows) ||
	    saved_read_rows(reader, &saved_windows, take_windows) ||
	    !has_all_rows(reader, &saved_windows_range))
		return -1;
	if (snapshot->namespace_count != 1)
		return saved_fail(reader, "row", _("is for one namespace only"));
	return saved_read_rows(reader, &saved_windows_range, take_windows_range);
}

/* ---- its own logs ---- */

static int take_log_read(struct saved_reader *reader, size_t object, void *item)
{
	struct evidence_facts *facts = &reader->snapshot->evidence;
	const struct artefact *artefact = item;

	(void)object;
	if (!artefact->file)
		return saved_fail(reader, "file", _("is missing"));
	array_reserve(facts->artefacts, facts->artefact_count, facts->artefact_capacity);
	facts->artefacts[facts->artefact_count++] = *artefact;
	return 1;
}

static int take_log(struct saved_reader *reader, size_t object, void *item)
{
	struct evidence_facts *facts = &reader->snapshot->evidence;
	const struct logged_log *log = item;

	(void)object;
	if (log->artefact >= facts->artefact_count)
		return saved_fail_value(reader, "read");
	array_reserve(facts->logs, facts->log_count, facts->log_capacity);
	facts->logs[facts->log_count++] = *log;
	return 1;
}

static int take_event(struct saved_reader *reader, size_t object, void *item)
{
	struct evidence_facts *facts = &reader->snapshot->evidence;
	const struct logged_event *event = item;

	(void)object;
	if (event->artefact >= facts->artefact_count)
		return saved_fail_value(reader, "read");
	array_reserve(facts->events, facts->event_count, facts->event_capacity);
	facts->events[facts->event_count++] = *event;
	return 1;
}

/* Only where logs were read is there anything of them. */
int saved_read_logs(struct saved_reader *reader)
{
	if (!json_find(&reader->tokens, 0, saved_log_read.key, 0))
		return 0;
	reader->snapshot->evidence.own = true;
	return saved_read_rows(reader, &saved_log_read, take_log_read) ||
			       saved_read_rows(reader, &saved_log, take_log) ||
			       saved_read_rows(reader, &saved_event, take_event) ?
		       -1 :
		       0;
}
