#include "action/linux/range_files.h"
#include "action/linux/range_record.h"
#include "action/linux/range_undo.h"
#include "action/range_trial.h"
#include "base/language.h"
#include "source/linux/netns/namespaces.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* What a dead guard left behind. One whose time has come may be at it just now. */
enum { GRACE_MS = 5000 };

/* Long enough for somebody to hear of it; not for ever, since the namespace may have gone. */
enum { TOLD_FOR_MS = 3600 * 1000 };

/* Any way into the namespace with that inode that can be seen from here. */
static bool find_place(uint64_t inode, struct range_place *place, char path[256])
{
	const struct source_request request = { .scope = SCOPE_REACHABLE };
	struct namespaces namespaces = { .own_fd = -1 };
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error error;
	bool found = false;

	if (proc >= 0 && !namespaces_find(&namespaces, &request, proc, NULL, &error))
		for (size_t i = 0; i < namespaces.count && !found; i++) {
			found = namespaces.entries[i].inode == inode;
			snprintf(path, 256, "%s", namespaces.entries[i].path);
		}
	*place = (struct range_place){ .enter = path, .inode = inode };
	if (found && inode == namespaces.own_inode)
		place->enter = NULL;
	namespaces_free(&namespaces);
	if (proc >= 0)
		close(proc);
	return found;
}

/* By the way that it was entered then, or by any other. */
static int open_again(const struct range_record *record, struct range_files *files,
		      struct error *error)
{
	struct range_place place = { .enter = record->enter, .inode = record->inode };
	char path[256];

	if (record->enter[0] && !range_files_open(files, &place, error))
		return 0;
	if (find_place(record->inode, &place, path))
		return range_files_open(files, &place, error);
	return error_set(error,
			 _("its network namespace is gone, or cannot be found from here"));
}

static bool is_overdue(const struct range_record *record)
{
	return record->deadline_ms && range_left_ms(record) <= 0;
}

static void roll_back_overdue(void (*tell)(const char *sentence), uint64_t inode)
{
	struct range_record record = { 0 };
	struct range_folder folder;
	struct range_files files;
	struct error error;
	int result;

	if (range_folder_open(&folder, inode, &error))
		return;
	/* Under the lock: somebody else may have been faster, and there may be another record by now. */
	if (range_record_read(&folder, folder.own, &record, &error) == 1 &&
	    is_overdue(&record)) {
		result = open_again(&record, &files, &error);
		if (!result) {
			result = range_undo_in(&files, &folder, &record, &error);
			range_files_close(&files);
		} else if (range_left_ms(&record) < -TOLD_FOR_MS) {
			range_record_drop(&folder, folder.own);
		}
		range_trial_tell(tell, record.before.range, record.after.range, result,
				 &error);
	}
	range_record_free(&record);
	range_folder_close(&folder);
}

/* One of an earlier boot goes when it is read under the lock. */
static void drop_old(const char *name)
{
	struct range_record record;
	struct range_folder folder;
	struct error error;

	if (range_folder_open(&folder, 0, &error))
		return;
	if (range_record_read(&folder, name, &record, &error) == 1)
		range_record_free(&record);
	range_folder_close(&folder);
}

static void look_at(void *context, const struct range_folder *folder, const char *name)
{
	void (**tell)(const char *sentence) = context;
	struct range_record record;
	struct error error;
	bool guarded;

	switch (range_record_read(folder, name, &record, &error)) {
	case 1:
		guarded = range_left_ms(&record) > -GRACE_MS &&
			  range_record_is_guarded(folder, name);
		if (is_overdue(&record) && !guarded)
			roll_back_overdue(*tell, record.inode);
		range_record_free(&record);
		break;
	case 0:
		drop_old(name);
		break;
	}
}

void range_overdue(void (*tell)(const char *sentence))
{
	struct range_folder folder;
	struct error error;
	int found = geteuid() ? 0 : range_folder_find(&folder, 0, &error);

	if (found < 0)
		tell(error.text); /* what may wait there to be rolled back is not believed */
	if (found <= 0)
		return;
	range_record_each(&folder, look_at, &tell);
	range_folder_close(&folder);
}
