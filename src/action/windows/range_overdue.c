#include "action/range_trial.h"
#include "action/windows/range_record.h"
#include "action/windows/range_rows.h"
#include "action/windows/range_undo.h"
#include "base/language.h"

/* What a dead guard, or a dead front, left behind. One whose time has come may be at it just now: each row takes its time. */
enum { GRACE_MS = 15000 };

static bool is_overdue(const struct range_record *record)
{
	return record->changing || (record->deadline_ms && range_left_ms(record) <= 0);
}

static void tell_broken_off(void (*tell)(const char *sentence), struct port_range before,
			    struct port_range after, int result, const struct error *error)
{
	struct error sentence;

	if (!result)
		error_set(&sentence,
			  _("a change to %u-%u was broken off: the range is %u-%u again"),
			  after.first, after.last, before.first, before.last);
	else
		error_set(&sentence, _("a change to %u-%u was broken off: %.400s"),
			  after.first, after.last, error->text);
	tell(sentence.text);
}

static void tell_rolled_back(void (*tell)(const char *sentence),
			     const struct range_record *record, int result,
			     const struct error *error)
{
	(record->changing ? tell_broken_off : range_trial_tell)(
		tell, range_row_changed(&record->after.active, &record->before.active),
		range_row_changed(&record->before.active, &record->after.active), result,
		error);
}

static void roll_back_overdue(const struct range_tools *tools,
			      void (*tell)(const char *sentence))
{
	struct range_folder folder;
	struct range_record record;
	struct error error;
	int result;

	if (range_folder_try(&folder, tools->folder, &error) <= 0)
		return;
	/* Under the lock: somebody else may have been faster, and there may be another record by now. */
	if (range_record_read(tools->folder, &record, &error) == 1 && is_overdue(&record)) {
		result = range_undo_in(tools, &folder, &record, &error);
		tell_rolled_back(tell, &record, result, &error);
	}
	range_folder_close(&folder);
}

/* One of an earlier start of Windows is of no use any more. */
static void drop_old(const struct range_tools *tools)
{
	struct range_folder folder;
	struct range_record record;
	struct error error;

	if (range_folder_try(&folder, tools->folder, &error) <= 0)
		return;
	if (!range_record_read(tools->folder, &record, &error))
		range_record_drop(&folder);
	range_folder_close(&folder);
}

/* Whoever is at it has the lock; a guard has a moment after its time. */
static bool is_attended(const struct range_tools *tools, const struct range_record *record)
{
	return range_folder_is_locked(tools->folder) ||
	       (!record->changing && range_left_ms(record) > -GRACE_MS &&
		range_record_is_guarded(tools->folder));
}

/* Nobody but an administrator can see what waits there, or set it back. */
void range_overdue_by(const struct range_tools *tools, void (*tell)(const char *sentence))
{
	struct range_record record;
	struct error error;
	int found;

	if (!tools->elevated || !range_record_is_there(tools->folder))
		return;
	found = range_record_read(tools->folder, &record, &error);
	if (found < 0)
		tell(error.text); /* what may wait there to be rolled back is not believed */
	else if (!found)
		drop_old(tools);
	else if (is_overdue(&record) && !is_attended(tools, &record))
		roll_back_overdue(tools, tell);
}

void range_overdue(void (*tell)(const char *sentence))
{
	const struct range_tools tools = range_tools_of_system();

	range_overdue_by(&tools, tell);
}
