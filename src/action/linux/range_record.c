#include "action/linux/range_record.h"

#include "action/range_lines.h"
#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "snapshot/port_set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FOLDER "/run/portroom"
#define PREFIX "range-"
enum { LARGEST = 4 << 20, WAIT_MS = 3000, STEP_MS = 20 };

int64_t range_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t range_left_ms(const struct range_record *record)
{
	return record->deadline_ms - range_now_ms();
}

/* ---- the folder ---- */

bool range_folder_lock(int lock)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };

	for (int waited = 0; flock(lock, LOCK_EX | LOCK_NB); waited += STEP_MS) {
		if (errno != EWOULDBLOCK || waited >= WAIT_MS)
			return false;
		nanosleep(&step, NULL);
	}
	return true;
}

static int open_folder(struct range_folder *folder, uint64_t inode)
{
	*folder = (struct range_folder){ .lock = -1 };
	snprintf(folder->own, sizeof folder->own, PREFIX "%llu", (unsigned long long)inode);
	folder->fd = open(FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return folder->fd;
}

/* What somebody else may write to is not believed: it says what root is to set. */
static int distrust(const struct range_folder *folder, struct error *error)
{
	struct stat status;

	if (fstat(folder->fd, &status))
		return error_set(error, "%s: %s", FOLDER, language_errno(errno));
	if (status.st_uid || status.st_mode & (S_IWGRP | S_IWOTH))
		return error_set(
			error,
			_("%s is not root's alone: others could write to it; remove it"),
			FOLDER);
	return 0;
}

int range_folder_find(struct range_folder *folder, uint64_t inode, struct error *error)
{
	if (open_folder(folder, inode) < 0)
		return errno == ENOENT ?
			       0 :
			       error_set(error, "%s: %s", FOLDER, language_errno(errno));
	if (!distrust(folder, error))
		return 1;
	range_folder_close(folder);
	return -1;
}

int range_folder_open(struct range_folder *folder, uint64_t inode, struct error *error)
{
	const bool made = !mkdir(FOLDER, 0755);
	int found;

	if (!made && errno != EEXIST) {
		*folder = (struct range_folder){ .fd = -1, .lock = -1 };
		return error_set(error,
				 _("%s cannot be made, and without a record there is no way "
				   "back: %s"),
				 FOLDER, language_errno(errno));
	}
	found = range_folder_find(folder, inode, error);
	if (found <= 0)
		return found ? -1 : error_set(error, "%s: %s", FOLDER, language_errno(ENOENT));
	/* Whoever may see the range may see what became of it, whatever the umask is. */
	if (made && fchmod(folder->fd, 0755)) {
		error_set(error, "%s: %s", FOLDER, language_errno(errno));
		range_folder_close(folder);
		return -1;
	}
	folder->lock =
		openat(folder->fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (folder->lock < 0) {
		error_set(error, "%s/lock: %s", FOLDER, language_errno(errno));
	} else if (!range_folder_lock(folder->lock)) {
		error_set(error, _("another portroom is changing the range; try again"));
	} else {
		return 0;
	}
	range_folder_close(folder);
	return -1;
}

void range_folder_close(struct range_folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
	if (folder->lock >= 0)
		close(folder->lock);
	folder->fd = folder->lock = -1;
}

/* ---- writing ---- */

static int read_boot(char boot[37])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	bool got = file && fgets(boot, 37, file) && strlen(boot) == 36;

	if (file)
		fclose(file);
	return got ? 0 : -1;
}

static void print_values(FILE *file, const char *key, const struct range_values *values)
{
	fprintf(file, "%s %u %u\n", key, values->range.first, values->range.last);
	fprintf(file, "%s-reserved %s\n", key, values->reserved);
}

static void print_record(FILE *file, const struct range_record *record)
{
	fprintf(file, "%s\n", RANGE_HEADING);
	fprintf(file, "boot %s\n", record->boot);
	fprintf(file, "namespace %llu %llu\n", (unsigned long long)record->inode,
		(unsigned long long)record->cookie);
	fprintf(file, "enter %s\n", record->enter);
	print_values(file, "before", &record->before);
	print_values(file, "after", &record->after);
	fprintf(file, "deadline %lld\n", (long long)record->deadline_ms);
	fprintf(file, "guard %d\n", record->guard);
	fprintf(file, "persisted %d\n", (int)record->persisted);
	fprintf(file, "end\n");
}

int range_record_write(const struct range_folder *folder, const struct range_record *record,
		       struct error *error)
{
	static const char temporary[] = "new";
	struct range_record whole = *record;
	FILE *file;
	int fd, failed;

	if (read_boot(whole.boot))
		return error_set(error, _("/proc/sys/kernel/random/boot_id cannot be read"));
	if (strchr(whole.enter, '\n'))
		return error_set(error, _("'%s' has a line break in it"), whole.enter);
	unlinkat(folder->fd, temporary, 0);
	fd = openat(folder->fd, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file)
		print_record(file, &whole);
	failed = !file || fchmod(fd, 0644) || fflush(file) || ferror(file);
	if (!failed)
		failed = renameat(folder->fd, temporary, folder->fd, folder->own);
	if (failed) {
		error_set(error, _("no record of the change can be kept in %s: %s"), FOLDER,
			  language_errno(errno));
		unlinkat(folder->fd, temporary, 0);
	}
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	return failed ? -1 : 0;
}

/* ---- reading ---- */

static bool scan_values(char **at, const char *key, const char *reserved_key,
			struct range_values *values)
{
	const char *range = range_lines_next(at, key),
		   *list = range_lines_next(at, reserved_key);
	struct port_set set = { 0 };
	unsigned first, last;
	bool good = range && list && sscanf(range, "%u %u", &first, &last) == 2 && first &&
		    first <= last && last <= 65535 && port_set_parse(&set, list);

	port_set_free(&set);
	if (!good)
		return false;
	values->range = (struct port_range){ (uint16_t)first, (uint16_t)last };
	values->reserved = memory_zeroed(strlen(list) + 1, 1);
	memcpy(values->reserved, list, strlen(list));
	return true;
}

static bool scan_record(char *text, struct range_record *record)
{
	unsigned long long inode = 0, cookie = 0;
	const char *value;
	char *at = range_lines_begin(text);

	value = range_lines_next(&at, "boot");
	if (!value || strlen(value) != 36)
		return false;
	memcpy(record->boot, value, 37);
	value = range_lines_next(&at, "namespace");
	if (!value || sscanf(value, "%llu %llu", &inode, &cookie) != 2)
		return false;
	record->inode = inode;
	record->cookie = cookie;
	value = range_lines_next(&at, "enter");
	if (!value || strlen(value) >= sizeof record->enter)
		return false;
	memcpy(record->enter, value, strlen(value) + 1);
	if (!scan_values(&at, "before", "before-reserved", &record->before) ||
	    !scan_values(&at, "after", "after-reserved", &record->after))
		return false;
	value = range_lines_next(&at, "deadline");
	record->deadline_ms = value ? strtoll(value, NULL, 10) : -1;
	value = range_lines_next(&at, "guard");
	record->guard = value ? (int32_t)strtol(value, NULL, 10) : -1;
	value = range_lines_next(&at, "persisted");
	record->persisted = !value		? RANGE_NOT_PERSISTED :
			    !strcmp(value, "1") ? RANGE_PERSISTED_NEW :
			    !strcmp(value, "2") ? RANGE_PERSISTED_OVER :
						  RANGE_NOT_PERSISTED;
	return value && record->deadline_ms >= 0 && record->guard >= 0 && !strcmp(at, "end\n");
}

/* To be freed; NULL with errno. */
static char *read_text(const struct range_folder *folder, const char *name)
{
	int fd = openat(folder->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;
	size_t length = 0;
	ssize_t got = 0;
	char *text;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode) || status.st_size >= LARGEST) {
		close(fd);
		errno = EINVAL;
		return NULL;
	}
	text = memory_zeroed((size_t)status.st_size + 1, 1);
	while (length < (size_t)status.st_size &&
	       (got = read(fd, text + length, (size_t)status.st_size - length)) > 0)
		length += (size_t)got;
	close(fd);
	if (got >= 0)
		return text;
	free(text);
	return NULL;
}

int range_record_read(const struct range_folder *folder, const char *name,
		      struct range_record *record, struct error *error)
{
	char *text = read_text(folder, name), boot[37];
	bool whole;

	*record = (struct range_record){ 0 };
	if (!text)
		return errno == ENOENT ? 0 :
					 error_set(error, "%s/%s: %s", FOLDER, name,
						   language_errno(errno));
	whole = scan_record(text, record);
	free(text);
	if (!whole) {
		range_record_free(record);
		return error_set(error,
				 _("%s/%s is no record of a change of the range; remove it"),
				 FOLDER, name);
	}
	if (read_boot(boot)) {
		range_record_free(record);
		return error_set(error, _("/proc/sys/kernel/random/boot_id cannot be read"));
	}
	if (!strcmp(boot, record->boot))
		return 1;
	/* What was set then is gone since. Without the lock the name may be a new record's by now. */
	range_record_free(record);
	if (folder->lock >= 0)
		range_record_drop(folder, name);
	return 0;
}

void range_record_drop(const struct range_folder *folder, const char *name)
{
	unlinkat(folder->fd, name, 0);
}

int range_record_open(const struct range_folder *folder)
{
	int fd = openat(folder->fd, folder->own, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	/* Given back by the kernel when whoever holds it has ended, however that was. */
	if (fd >= 0)
		flock(fd, LOCK_SH | LOCK_NB);
	return fd;
}

bool range_record_is_guarded(const struct range_folder *folder, const char *name)
{
	int fd = openat(folder->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return locked;
}

void range_record_each(const struct range_folder *folder,
		       void (*take)(void *context, const struct range_folder *folder,
				    const char *name),
		       void *context)
{
	int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;

	if (!listing) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((item = readdir(listing)))
		if (!strncmp(item->d_name, PREFIX, strlen(PREFIX)))
			take(context, folder, item->d_name);
	closedir(listing);
}
