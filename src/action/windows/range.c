#include "action/windows/range.h"

#include "action/range_trial.h"
#include "action/windows/range_change.h"
#include "action/windows/range_guard.h"
#include "action/windows/range_record.h"
#include "action/windows/range_rows.h"
#include "action/windows/range_undo.h"
#include "base/language.h"
#include "source/windows/range/netsh_command.h"
#include "system/clock.h"
#include "system/windows/elevation.h"
#include "system/windows/program_data.h"

/* Not the folder of the configuration file: what an administrator makes by hand in %ProgramData% everybody may put
 * files into, by what that folder hands down, and it would not be trusted (range_trust.h). */
struct range_tools range_tools_of_system(void)
{
	static char folder[1024];

	program_data_path(folder, sizeof folder, "portroom.range");
	return (struct range_tools){
		.netsh = &netsh_of_system,
		.folder = folder,
		.rest = clock_rest_ms,
		.elevated = elevation_is_full(),
	};
}

static int refuse_unprivileged(const struct range_tools *tools, struct error *error)
{
	if (tools->elevated)
		return 0;
	return error_set(
		error,
		_("changing the range needs an administrator's rights: open the console by "
		  "\"Run as administrator\""));
}

/* ---- setting ---- */

/* `last`: the change before, whose record is about to be replaced; boot "": there was none. */
static int refuse_pending(const char *folder, struct range_record *last, struct error *error)
{
	int result = range_record_read(folder, last, error);

	if (result <= 0) {
		*last = (struct range_record){ .guard = 0 };
		return result;
	}
	if (last->changing)
		return error_set(error,
				 _("an earlier change was broken off and could not be set "
				   "back yet: portroom range undo"));
	if (!last->deadline_ms)
		return 0;
	return range_trial_refuse_other(
		range_row_changed(&last->before.active, &last->after.active),
		range_left_ms(last), error);
}

/* Nothing was changed after all: what could be undone before can be undone still. */
static void put_record_back(const struct range_folder *folder, struct range_record *last)
{
	struct error error;

	if (!*last->boot || range_record_write(folder, last, &error))
		range_record_drop(folder);
}

static int64_t deadline_in(unsigned seconds)
{
	return seconds ? range_now_ms() + seconds * INT64_C(1000) : 0;
}

/* Of what netsh did not tell of the next start, what was planned is what undo has to look for. */
static void note(struct range_record *record, const struct range_stores *now)
{
	record->after.active = now->active;
	range_each_row(protocol, i)
	{
		if (port_range_known(now->persistent.rows[protocol][i]))
			record->after.persistent.rows[protocol][i] =
				now->persistent.rows[protocol][i];
	}
}

/* The change, between a record that says that it has begun and one that says that it has ended. */
static int change(const struct range_tools *tools, const struct range_folder *folder,
		  struct range_record *record, const struct range_request *request,
		  struct range_stores *now, struct error *error)
{
	int result = range_change_do(tools->netsh, request, &record->before, now, error);

	if (result)
		return result;
	note(record, now);
	record->changing = false;
	record->deadline_ms = deadline_in(request->for_s);
	return range_record_write(folder, record, error) ? -2 : 0;
}

static int change_guarded(const struct range_tools *tools, const struct range_folder *folder,
			  struct range_record *record, const struct range_request *request,
			  struct range_stores *now, struct error *error)
{
	struct range_guard guard;
	int result = -1;

	if (range_guard_start(&guard, error))
		return -1;
	record->guard = guard.pid;
	if (range_record_write(folder, record, error)) {
		range_guard_cancel(&guard);
		return -1;
	}
	if (!range_guard_go(&guard, error))
		result = change(tools, folder, record, request, now, error);
	/* Where something is left that could not be set back, the guard may be able to. */
	if (result == -1)
		range_guard_cancel(&guard);
	else
		range_guard_close(&guard);
	return result;
}

static int change_for_good(const struct range_tools *tools, const struct range_folder *folder,
			   struct range_record *record, const struct range_request *request,
			   struct range_stores *now, struct error *error)
{
	if (range_record_write(folder, record, error))
		return -1;
	return change(tools, folder, record, request, now, error);
}

/* What the wanted rows will be, in the stores that are set. */
static struct range_stores planned(const struct range_stores *before,
				   const struct range_request *request)
{
	struct range_stores after = *before;

	range_each_row(protocol, i)
	{
		if (!request->wanted[protocol][i])
			continue;
		after.active.rows[protocol][i] = request->after.rows[protocol][i];
		if (request->persistent)
			after.persistent.rows[protocol][i] = request->after.rows[protocol][i];
	}
	return after;
}

static int set_in(const struct range_tools *tools, const struct range_folder *folder,
		  const struct range_request *request, struct range_stores *now,
		  struct error *error)
{
	struct range_record last, record = {
		.changing = true,
		.persistent = request->persistent,
		.deadline_ms = deadline_in(request->for_s),
	};
	int result;

	if (refuse_pending(folder->path, &last, error) ||
	    range_folder_refuse_open(folder, error) ||
	    range_stores_read(tools->netsh, request->persistent, &record.before, error) ||
	    range_change_refuse_stranger(&request->before, &record.before.active, error))
		return -1;
	record.after = planned(&record.before, request);
	result = (request->for_s ? change_guarded : change_for_good)(tools, folder, &record,
								     request, now, error);
	if (result == -1)
		put_record_back(folder, &last);
	return result ? -1 : 0;
}

int range_set(const struct range_tools *tools, const struct range_request *request,
	      struct range_stores *now, struct error *error)
{
	struct range_folder folder;
	int result;

	/* First what needs a privilege: that sentence says most. */
	if (refuse_unprivileged(tools, error) ||
	    range_folder_open(&folder, tools->folder, error))
		return -1;
	result = set_in(tools, &folder, request, now, error);
	range_folder_close(&folder);
	return result;
}

int range_refuse(const struct range_tools *tools, struct error *error)
{
	struct range_record last;

	return refuse_unprivileged(tools, error) ||
			       refuse_pending(tools->folder, &last, error) ?
		       -1 :
		       0;
}

/* ---- what was changed last ---- */

int range_last(const struct range_tools *tools, struct range_record *record,
	       struct error *error)
{
	*record = (struct range_record){ .guard = 0 };
	if (tools->elevated)
		return range_record_read(tools->folder, record, error);
	if (!range_folder_is_there(tools->folder))
		return 0;
	return error_set(error, _("what portroom changed last is told to administrators only, "
				  "whose alone its record is"));
}

/* The record, locked against everybody else. -1 with a sentence if there is none. */
static int open_last(const struct range_tools *tools, struct range_folder *folder,
		     struct range_record *record, struct error *error)
{
	int found;

	*record = (struct range_record){ .guard = 0 };
	if (refuse_unprivileged(tools, error) ||
	    range_folder_open(folder, tools->folder, error))
		return -1;
	found = range_record_read(tools->folder, record, error);
	if (found > 0)
		return 0;
	if (!found)
		error_set(error, _("portroom has changed no range since Windows was started"));
	range_folder_close(folder);
	return -1;
}

static int refuse_unconfirmable(const struct range_record *record, struct error *error)
{
	return range_trial_refuse_confirming(
		record->deadline_ms, range_left_ms(record),
		range_row_changed(&record->after.active, &record->before.active),
		range_row_changed(&record->before.active, &record->after.active), error);
}

/* The rows are what is wanted already: it is for the next start of Windows. */
static struct range_request next_request(const struct range_record *record)
{
	struct range_request request = {
		.before = record->after.active,
		.after = record->after.active,
		.persistent = true,
	};

	range_each_row(protocol, i)
	{
		request.wanted[protocol][i] =
			!range_row_is(record->before.active.rows[protocol][i],
				      record->after.active.rows[protocol][i]);
	}
	return request;
}

/* The record says what was set for the next start before anything is. */
static int persist(const struct range_tools *tools, const struct range_folder *folder,
		   struct range_record *record, struct error *error)
{
	const struct range_request request = next_request(record);
	struct range_stores stores, now;

	if (range_stores_read(tools->netsh, true, &stores, error))
		return -1;
	record->persistent = true;
	record->before.persistent = stores.persistent;
	record->after = planned(&stores, &request);
	if (range_record_write(folder, record, error) ||
	    range_change_do(tools->netsh, &request, &stores, &now, error))
		return -1;
	note(record, &now);
	return range_record_write(folder, record, error);
}

/* First it is kept, then for the next start: whatever becomes of that, the trial is over. */
static int confirm_in(const struct range_tools *tools, const struct range_folder *folder,
		      bool persisted, struct range_record *record, struct error *error)
{
	const uint32_t guard = record->guard;
	struct error cause;

	record->deadline_ms = 0;
	record->guard = 0;
	if (range_record_write(folder, record, error)) {
		record->guard = guard;
		return -1;
	}
	if (!persisted || !persist(tools, folder, record, &cause))
		return 0;
	return error_set(error, _("the range is set, but not for the next boot: %.400s"),
			 cause.text);
}

int range_confirm(const struct range_tools *tools, bool persisted, struct range_record *record,
		  struct error *error)
{
	struct range_folder folder;
	struct range_rows now;
	int result = open_last(tools, &folder, record, error);

	if (result)
		return -1;
	if (refuse_unconfirmable(record, error) ||
	    range_rows_read(tools->netsh, &now, error) ||
	    range_change_refuse_stranger(&record->after.active, &now, error))
		result = -1;
	else
		result = confirm_in(tools, &folder, persisted, record, error);
	range_folder_close(&folder);
	return result;
}

/* One that could not be set back stays noted, and is tried again. */
int range_undo_in(const struct range_tools *tools, const struct range_folder *folder,
		  const struct range_record *record, struct error *error)
{
	int result = range_change_back(tools->netsh, record, error);

	if (result >= 0)
		range_record_drop(folder);
	return result ? -1 : 0;
}

int range_undo(const struct range_tools *tools, struct range_record *record,
	       struct error *error)
{
	struct range_folder folder;
	int result;

	if (open_last(tools, &folder, record, error))
		return -1;
	result = range_undo_in(tools, &folder, record, error);
	range_folder_close(&folder);
	return result;
}
