#include "action/windows/range.h"
#include "action/windows/range_guard.h"
#include "base/arena.h"
#include "base/language.h"
#include "command/range.h"
#include "diagnosis/windows_range_plan.h"
#include "view/range.h"

#include <string.h>

enum { ROWS = PROTOCOL_COUNT * RANGE_FAMILIES };

static struct port_range at(const struct range_rows *rows, int row)
{
	return rows->rows[row / RANGE_FAMILIES][row % RANGE_FAMILIES];
}

static bool is_same(struct port_range one, struct port_range other)
{
	return one.first == other.first && one.last == other.last;
}

/* Rows that changed alike are told together. */
static bool is_alike(const struct range_rows *before, const struct range_rows *after, int one,
		     int other)
{
	return is_same(at(before, one), at(before, other)) &&
	       is_same(at(after, one), at(after, other));
}

static bool was_told(const struct range_rows *before, const struct range_rows *after, int row)
{
	for (int i = 0; i < row; i++)
		if (is_alike(before, after, i, row))
			return true;
	return is_same(at(before, row), at(after, row));
}

/* "tcp ipv4, tcp ipv6 49152-65535 -> 10000-65535; ..." */
static const char *print_rows(const struct range_rows *before, const struct range_rows *after,
			      struct arena *arena)
{
	const char *text = "";

	for (int row = 0; row < ROWS; row++) {
		const char *names = "";

		if (was_told(before, after, row))
			continue;
		for (int i = row; i < ROWS; i++)
			if (is_alike(before, after, row, i))
				names = arena_print(
					arena, "%s%s%s", names, *names ? ", " : "",
					windows_range_row_name(
						(enum protocol)(i / RANGE_FAMILIES),
						i % RANGE_FAMILIES));
		text = arena_print(arena, "%s%s%s %u-%u -> %u-%u", text, *text ? "; " : "",
				   names, at(before, row).first, at(before, row).last,
				   at(after, row).first, at(after, row).last);
	}
	return text;
}

/* What is only for the next start of Windows is told where nothing was changed at once. */
static const char *print_change(const struct range_record *record, struct arena *arena)
{
	const char *now = print_rows(&record->before.active, &record->after.active, arena);

	if (*now)
		return now;
	return arena_print(
		arena, _("at the next boot %s"),
		print_rows(&record->before.persistent, &record->after.persistent, arena));
}

void range_find_facts(const struct range_options *options, struct range_facts *facts,
		      struct arena *arena)
{
	const struct range_tools tools = range_tools_of_system();
	struct range_record record;
	struct error error;
	int found = range_last(&tools, &record, &error);

	(void)options;
	if (found < 0)
		facts->last = arena_copy(arena, error.text);
	else if (found && record.changing)
		facts->last = arena_print(arena, _("a change has begun: %s"),
					  print_change(&record, arena));
	else if (found && record.deadline_ms)
		facts->last = arena_print(
			arena,
			_("on trial for another %lld s: %s; to keep it: portroom range confirm"),
			(long long)(range_left_ms(&record) + 999) / 1000,
			print_change(&record, arena));
	else if (found)
		facts->last =
			arena_print(arena, _("by portroom: %s; back by: portroom range undo"),
				    print_change(&record, arena));
}

int range_refuse_options(const struct range_options *options, struct error *error)
{
	if (!options->reserve)
		return 0;
	return error_set(
		error,
		_("--reserve: Windows excludes no port that is in use; while nobody has it: netsh "
		  "int ipv4 add excludedportrange protocol=tcp startport=N numberofports=1"));
}

/* The guard of a try: action/windows/range_guard.h. */
bool range_run_inside(const char *word, int *status)
{
	const struct range_tools tools = range_tools_of_system();

	if (strcmp(word, RANGE_GUARD_WORD) != 0)
		return false;
	*status = range_guard_main(&tools);
	return true;
}
