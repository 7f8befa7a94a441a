#include "action/linux/range.h"

#include "action/linux/range_dropin.h"
#include "action/linux/range_files.h"
#include "action/linux/range_guard.h"
#include "action/linux/range_record.h"
#include "action/linux/range_undo.h"
#include "action/range_trial.h"
#include "base/language.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* ---- setting ---- */

/* `last`: the change before, whose record is about to be replaced; inode 0: there was none. */
static int refuse_pending(const struct range_folder *folder, struct range_record *last,
			  struct error *error)
{
	int result = range_record_read(folder, folder->own, last, error);

	if (result <= 0) {
		*last = (struct range_record){ 0 };
		return result;
	}
	if (!last->deadline_ms)
		return 0;
	return range_trial_refuse_other(last->after.range, range_left_ms(last), error);
}

/* Nothing was changed after all: what could be undone before can be undone still. */
static void put_record_back(const struct range_folder *folder, const struct range_record *last)
{
	struct error error;

	if (!last->inode || range_record_write(folder, last, &error))
		range_record_drop(folder, folder->own);
}

static struct range_record make_record(const struct range_place *place,
				       const struct range_files *files,
				       const struct range_values *before,
				       const struct range_values *after, unsigned for_s)
{
	struct range_record record = {
		.inode = place->inode,
		.cookie = files->cookie,
		.before = *before,
		.after = *after,
		.deadline_ms = for_s ? range_now_ms() + for_s * INT64_C(1000) : 0,
	};

	if (place->enter)
		snprintf(record.enter, sizeof record.enter, "%s", place->enter);
	return record;
}

static int change_guarded(const struct range_files *files, const struct range_folder *folder,
			  struct range_record *record, const struct range_record *last,
			  struct error *error)
{
	struct range_guard guard;
	int result = -1;
	bool kept;

	if (range_guard_start(&guard, files, folder, error))
		return -1;
	record->guard = guard.pid;
	if (range_record_write(folder, record, error)) {
		range_guard_cancel(&guard);
		return -1;
	}
	if (!range_guard_go(&guard, error))
		result = range_files_change(files, &record->before, &record->after, &kept,
					    error);
	/* Where something is left that could not be put back, the guard may be able to. */
	if (result != -1) {
		range_guard_close(&guard);
		return result ? -1 : 0;
	}
	put_record_back(folder, last);
	range_guard_cancel(&guard);
	return -1;
}

static int change_for_good(const struct range_files *files, const struct range_folder *folder,
			   const struct range_record *record, const struct range_record *last,
			   struct error *error)
{
	int result;
	bool kept;

	if (range_record_write(folder, record, error))
		return -1;
	result = range_files_change(files, &record->before, &record->after, &kept, error);
	if (result == -1)
		put_record_back(folder, last);
	return result ? -1 : 0;
}

/* Between the reading and now somebody may have set something else: it would be overwritten unseen. */
static int refuse_stranger(const struct range_files *files, const struct range_values *before,
			   struct error *error)
{
	struct range_values now;
	int result = range_files_read(files, &now, error);

	if (!result &&
	    (now.range.first != before->range.first || now.range.last != before->range.last ||
	     strcmp(now.reserved, before->reserved) != 0))
		result = error_set(
			error, _("somebody else has changed the range meanwhile; try again"));
	range_values_free(&now);
	return result;
}

int range_set(const struct range_place *place, const struct range_values *before,
	      const struct range_values *after, unsigned for_s, struct error *error)
{
	/* A guard that has ended must not end the front, which has a sentence to say. */
	void (*broken_pipe)(int) = signal(SIGPIPE, SIG_IGN);
	struct range_folder folder;
	struct range_files files;
	struct range_record record, last = { 0 };
	int result = -1;

	/* First what needs a privilege: that sentence says most. */
	if (!range_files_open(&files, place, error)) {
		if (!range_folder_open(&folder, place->inode, error)) {
			record = make_record(place, &files, before, after, for_s);
			if (!refuse_pending(&folder, &last, error) &&
			    !refuse_stranger(&files, before, error))
				result = for_s ? change_guarded(&files, &folder, &record,
								&last, error) :
						 change_for_good(&files, &folder, &record,
								 &last, error);
			range_record_free(&last);
			range_folder_close(&folder);
		}
		range_files_close(&files);
	}
	signal(SIGPIPE, broken_pipe);
	return result;
}

/* As it is found without the lock; range_set() looks again. */
static int refuse_trial(const struct range_place *place, struct error *error)
{
	struct range_folder folder;
	struct range_record last;
	int result = range_folder_find(&folder, place->inode, error);

	if (result <= 0)
		return result;
	result = refuse_pending(&folder, &last, error);
	range_record_free(&last);
	range_folder_close(&folder);
	return result;
}

int range_refuse(const struct range_place *place, struct error *error)
{
	struct range_files files;

	if (range_files_open(&files, place, error))
		return -1;
	range_files_close(&files);
	return refuse_trial(place, error);
}

/* ---- what was changed last ---- */

int range_last(const struct range_place *place, struct range_record *record,
	       struct error *error)
{
	struct range_folder folder;
	int found = range_folder_find(&folder, place->inode, error);

	*record = (struct range_record){ 0 };
	if (found <= 0)
		return found;
	found = range_record_read(&folder, folder.own, record, error);
	range_folder_close(&folder);
	return found;
}

/* The record of the place, locked against everybody else. -1 with a sentence if there is none. */
static int open_last(const struct range_place *place, struct range_folder *folder,
		     struct range_record *record, struct error *error)
{
	int found = range_folder_open(folder, place->inode, error);

	*record = (struct range_record){ 0 };
	if (found)
		return -1;
	found = range_record_read(folder, folder->own, record, error);
	if (found > 0)
		return 0;
	if (!found)
		error_set(error,
			  _("portroom has changed nothing in this network namespace since "
			    "the machine was started"));
	range_folder_close(folder);
	return -1;
}

/* That, and the files it is about, for whoever changes them. -1: nothing is open. */
static int open_change(const struct range_place *place, struct range_files *files,
		       struct range_folder *folder, struct range_record *record,
		       struct error *error)
{
	*record = (struct range_record){ 0 };
	if (range_files_open(files, place, error))
		return -1;
	if (!open_last(place, folder, record, error))
		return 0;
	range_files_close(files);
	return -1;
}

static void close_change(struct range_files *files, struct range_folder *folder)
{
	range_folder_close(folder);
	range_files_close(files);
}

int range_confirm(const struct range_place *place, struct range_record *record,
		  struct error *error)
{
	struct range_folder folder;
	struct range_files files;
	int result;

	if (open_change(place, &files, &folder, record, error))
		return -1;
	result = range_trial_refuse_confirming(record->deadline_ms, range_left_ms(record),
					       record->before.range, record->after.range,
					       error);
	if (!result)
		result = refuse_stranger(&files, &record->after, error);
	if (!result) {
		record->deadline_ms = 0;
		record->guard = 0;
		result = range_record_write(&folder, record, error);
	}
	close_change(&files, &folder);
	return result;
}

int range_undo_in(const struct range_files *files, const struct range_folder *folder,
		  const struct range_record *record, struct error *error)
{
	bool kept = false;

	if (record->cookie && files->cookie && record->cookie != files->cookie) {
		/* An inode's number serves another namespace after the first has gone. */
		range_record_drop(folder, folder->own);
		return error_set(
			error, _("the namespace in which portroom changed the range is gone"));
	}
	if (range_files_change(files, &record->after, &record->before, &kept, error))
		return -1;
	if (record->persisted &&
	    range_dropin_restore(record->persisted == RANGE_PERSISTED_OVER, error))
		return -1;
	range_record_drop(folder, folder->own);
	if (!kept)
		return 0;
	return error_set(
		error,
		_("somebody else has set the range or the reserved ports since; that was left as it is"));
}

int range_undo(const struct range_place *place, struct range_record *record,
	       struct error *error)
{
	struct range_folder folder;
	struct range_files files;
	int result;

	if (open_change(place, &files, &folder, record, error))
		return -1;
	result = range_undo_in(&files, &folder, record, error);
	close_change(&files, &folder);
	return result;
}
