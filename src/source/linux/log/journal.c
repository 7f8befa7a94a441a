#include "source/linux/log/journal.h"

#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "snapshot/snapshot.h"
#include "source/linux/log/journal_library.h"
#include "source/linux/proc_file.h"
#include "source/linux/reading.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a message; what programs print for a port error stands in its first line. */
enum { LONGEST_TEXT = 8192, LONGEST_FIELD = 256 };

struct journal {
	const struct journal_library *library;
	sd_journal *sd;
	int fd;
	bool walking; /* it has been stepped */
	char *newest; /* cursor of the entry where the way back began; NULL: there was none */
	char boot[40];
	char text[LONGEST_TEXT + 1];
};

/* ---- which files there are ---- */

struct files {
	unsigned readable, refused;
};

static bool is_journal_file(const char *name)
{
	size_t length = strlen(name), ending = strlen(".journal");

	return length > ending && !strcmp(name + length - ending, ".journal");
}

static void look_at_file(struct files *files, int directory, const char *name)
{
	if (!faccessat(directory, name, R_OK, AT_EACCESS))
		files->readable++;
	else if (errno == EACCES || errno == EPERM)
		files->refused++;
}

/* A file for each user and the system, in a folder named after the machine; files lie directly in a directory that
 * was made otherwise. */
static void look_into(struct files *files, int at, const char *path, bool deeper)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;

	if (!listing) {
		if (fd >= 0)
			close(fd);
		else if (errno == EACCES || errno == EPERM)
			files->refused++;
		return;
	}
	while ((item = readdir(listing))) {
		if (is_journal_file(item->d_name))
			look_at_file(files, fd, item->d_name);
		else if (deeper && item->d_name[0] != '.')
			look_into(files, fd, item->d_name, false);
	}
	closedir(listing);
}

static struct files find_files(const char *directory)
{
	struct files files = { 0 };

	if (directory) {
		look_into(&files, AT_FDCWD, directory, true);
	} else {
		look_into(&files, AT_FDCWD, "/var/log/journal", true);
		look_into(&files, AT_FDCWD, "/run/log/journal", true);
	}
	return files;
}

static int check_files(const char *directory, struct snapshot *snapshot, struct error *error)
{
	struct files files = find_files(directory);

	if (!files.readable && !files.refused)
		return directory ? error_set(error, _("%s: there are no journal files"),
					     directory) :
				   error_set(error, _("this machine keeps no journal"));
	if (!files.readable)
		return error_set(error, _("no privilege to read its files"));
	if (files.refused)
		snapshot_add_gap(
			snapshot, GAP_SCOPE, -1,
			arena_print(&snapshot->arena,
				    P_("%u file of the journal", "%u files of the journal",
				       files.refused),
				    files.refused),
			_("no privilege to read its files"),
			reading_unless_root(_("run as root or in the group systemd-journal")));
	return 0;
}

/* ---- open and close ---- */

static void read_boot(struct journal *journal)
{
	char text[64];
	size_t length = 0;

	/* With dashes there, without in the journal. */
	if (proc_file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text, sizeof text) <=
	    0)
		return;
	for (const char *at = text; *at && length + 1 < sizeof journal->boot; at++)
		if (*at != '-' && *at != '\n')
			journal->boot[length++] = *at;
}

struct journal *journal_open(const char *directory, struct snapshot *snapshot,
			     struct error *error)
{
	const struct journal_library *library;
	struct journal *journal;
	sd_journal *sd = NULL;
	int failed;

	if (check_files(directory, snapshot, error))
		return NULL;
	library = journal_library_load(error);
	if (!library)
		return NULL;
	failed = directory ? library->open_directory(&sd, directory, 0) :
			     library->open(&sd, SD_JOURNAL_LOCAL_ONLY);
	if (failed < 0) {
		error_set(error, _("it cannot be opened: %s"), language_errno(-failed));
		return NULL;
	}
	journal = memory_zeroed(1, sizeof *journal);
	journal->library = library;
	journal->sd = sd;
	library->set_data_threshold(sd, LONGEST_TEXT);
	journal->fd = library->get_fd(sd);
	read_boot(journal);
	return journal;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	free(journal->newest);
	journal->library->close(journal->sd);
	free(journal);
}

int journal_descriptor(const struct journal *journal)
{
	return journal->fd < 0 ? -1 : journal->fd;
}

/* ---- going through it ---- */

int journal_step_back(struct journal *journal)
{
	int found;

	if (journal->walking)
		return journal->library->previous(journal->sd);
	journal->walking = true;
	found = journal->library->seek_tail(journal->sd);
	if (found >= 0)
		found = journal->library->previous(journal->sd);
	if (found > 0 && journal->library->get_cursor(journal->sd, &journal->newest) < 0)
		journal->newest = NULL;
	return found;
}

void journal_rewind(struct journal *journal)
{
	if (!journal->newest) {
		journal->library->seek_head(journal->sd);
		return;
	}
	/* The first step from there is to the entry itself. */
	if (journal->library->seek_cursor(journal->sd, journal->newest) >= 0)
		journal->library->next(journal->sd);
}

bool journal_step_forward(struct journal *journal)
{
	if (journal->library->next(journal->sd) > 0)
		return true;
	/* Files may have grown, or new ones have come. */
	return journal->library->process(journal->sd) != SD_JOURNAL_NOP &&
	       journal->library->next(journal->sd) > 0;
}

/* ---- an entry ---- */

int64_t journal_time_ms(struct journal *journal)
{
	uint64_t microseconds;

	return journal->library->get_realtime_usec(journal->sd, &microseconds) < 0 ?
		       0 :
		       (int64_t)(microseconds / 1000);
}

/* Without its name. Anything may be in it; a 0 would end it. */
static bool read_field(struct journal *journal, const char *field, char *to, size_t size)
{
	const void *data;
	size_t length, name = strlen(field) + 1;

	if (journal->library->get_data(journal->sd, field, &data, &length) < 0 ||
	    length < name)
		return false;
	length -= name;
	if (length >= size)
		length = size - 1;
	memcpy(to, (const char *)data + name, length);
	to[length] = '\0';
	for (char *zero = memchr(to, '\0', length); zero;
	     zero = memchr(zero, '\0', length - (size_t)(zero - to)))
		*zero = '?';
	return true;
}

const char *journal_text(struct journal *journal)
{
	return read_field(journal, "MESSAGE", journal->text, sizeof journal->text) ?
		       journal->text :
		       NULL;
}

bool journal_is_kernel(struct journal *journal, int64_t *microseconds)
{
	char text[LONGEST_FIELD];
	uint64_t number;

	*microseconds = -1;
	if (!read_field(journal, "_TRANSPORT", text, sizeof text) || strcmp(text, "kernel"))
		return false;
	/* A program has written it into /dev/kmsg: see log.c. */
	if (read_field(journal, "SYSLOG_FACILITY", text, sizeof text) && strcmp(text, "0"))
		return false;
	if (read_field(journal, "_BOOT_ID", text, sizeof text) &&
	    !strcmp(text, journal->boot) &&
	    read_field(journal, "_SOURCE_MONOTONIC_TIMESTAMP", text, sizeof text) &&
	    text_to_number(text, INT64_MAX, &number))
		*microseconds = (int64_t)number;
	return true;
}

static const char *copy_field(struct journal *journal, struct arena *arena, const char *field)
{
	char text[LONGEST_FIELD];

	return read_field(journal, field, text, sizeof text) && *text ?
		       arena_copy(arena, text) :
		       NULL;
}

void journal_process(struct journal *journal, struct arena *arena, struct process *process)
{
	char text[LONGEST_FIELD];
	uint64_t number;

	*process = (struct process){ .user = -1 };
	if (read_field(journal, "_PID", text, sizeof text) &&
	    text_to_number(text, INT32_MAX, &number))
		process->pid = (int32_t)number;
	if (read_field(journal, "_UID", text, sizeof text) &&
	    text_to_number(text, UINT32_MAX, &number))
		process->user = (int64_t)number;
	process->name = copy_field(journal, arena, "_COMM");
	if (!process->name)
		process->name = copy_field(journal, arena, "SYSLOG_IDENTIFIER");
	process->unit = copy_field(journal, arena, "_SYSTEMD_UNIT");
	process->container = copy_field(journal, arena, "CONTAINER_ID_FULL");
}
