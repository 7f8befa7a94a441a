#include "action/linux/range_dropin.h"

#include "action/linux/range_record.h"
#include "base/language.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Names that do not end in .conf are not read at boot: sysctl.d(5). */
#define FOLDER "/etc/sysctl.d"
#define NAME "60-portroom.conf"
#define REPLACED "60-portroom.conf.replaced"
#define NEW "60-portroom.conf.new"

static int open_folder(struct error *error)
{
	int fd = open(FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : error_set(error, "%s: %s", FOLDER, language_errno(errno));
}

static void print_date(FILE *file)
{
	time_t now = time(NULL);
	struct tm utc;
	char text[32];

	gmtime_r(&now, &utc);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
	fprintf(file, "# Written by portroom range at %s.\n", text);
}

/* For whoever finds it in a year: in English, like all configuration. */
static void print_dropin(FILE *file, const struct range_values *before,
			 const struct range_values *after)
{
	print_date(file);
	fprintf(file, "# Before: net.ipv4.ip_local_port_range = %u %u\n", before->range.first,
		before->range.last);
	fprintf(file, "#         net.ipv4.ip_local_reserved_ports = %s\n", before->reserved);
	fprintf(file,
		"# To undo: portroom range undo; after another boot remove this file and\n");
	fprintf(file,
		"#         sysctl -w net.ipv4.ip_local_port_range='%u %u' "
		"net.ipv4.ip_local_reserved_ports='%s'\n",
		before->range.first, before->range.last, before->reserved);
	/* Reserved first: in between a connection could take the port of a service. */
	fprintf(file, "net.ipv4.ip_local_reserved_ports = %s\n", after->reserved);
	fprintf(file, "net.ipv4.ip_local_port_range = %u %u\n", after->range.first,
		after->range.last);
}

static int write_file(int folder, const struct range_values *before,
		      const struct range_values *after)
{
	int fd = openat(folder, NEW, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0644);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int failed;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	print_dropin(file, before, after);
	/* Read by everybody, as the others in the folder are, whatever the umask is. */
	failed = fchmod(fd, 0644) || fflush(file) || ferror(file) || fsync(fd) ? errno : 0;
	if (fclose(file) && !failed)
		failed = errno;
	errno = failed;
	return failed ? -1 : 0;
}

/* The replaced one stays under another name; a link, so that at no moment none is there. */
static int keep_replaced(int folder)
{
	unlinkat(folder, REPLACED, 0);
	return linkat(folder, NAME, folder, REPLACED, 0) && errno != ENOENT ? -1 : 0;
}

int range_dropin_write(const struct range_values *before, const struct range_values *after,
		       bool again, struct error *error)
{
	int folder, failed;

	if (mkdir(FOLDER, 0755) && errno != EEXIST)
		return error_set(error, "%s: %s", FOLDER, language_errno(errno));
	folder = open_folder(error);
	if (folder < 0)
		return -1;
	unlinkat(folder, NEW, 0);
	failed = write_file(folder, before, after) || (!again && keep_replaced(folder)) ||
		 renameat(folder, NEW, folder, NAME) || fsync(folder);
	if (failed) {
		error_set(error, _("%s cannot be written: %s"), RANGE_DROPIN,
			  language_errno(errno));
		unlinkat(folder, NEW, 0);
	}
	close(folder);
	return failed ? -1 : 0;
}

int range_dropin_restore(bool was_there, struct error *error)
{
	int folder = open_folder(error), result = 0, failed;

	if (folder < 0)
		return -1;
	/* Where the old one has not been put aside, the new one has not come in its place either. */
	failed = was_there ? renameat(folder, REPLACED, folder, NAME) :
			     unlinkat(folder, NAME, 0);
	if (failed && errno != ENOENT)
		result = error_set(error, "%s: %s", RANGE_DROPIN, language_errno(errno));
	fsync(folder);
	close(folder);
	return result;
}

int range_counts_at_boot(const struct range_place *place)
{
	struct stat status;

	if (stat("/proc/1/ns/net", &status))
		return -1;
	return status.st_ino == place->inode;
}

/* It is to be kept, or gone, before a file says that it is for good. */
static int refuse_trial(const struct range_record *record, struct error *error)
{
	if (!record->deadline_ms)
		return 0;
	return error_set(error,
			 _("%u-%u is on trial here for another %lld s: confirm it or undo it "
			   "first"),
			 record->after.range.first, record->after.range.last,
			 (long long)(range_left_ms(record) + 999) / 1000);
}

/* First the note: what is not there can be taken back, what is not noted cannot. An old file that was put aside by an
 * earlier change is none of this one. */
static int note_file(const struct range_folder *folder, struct range_record *record,
		     struct error *error)
{
	unlink(FOLDER "/" REPLACED);
	record->persisted =
		access(RANGE_DROPIN, F_OK) ? RANGE_PERSISTED_NEW : RANGE_PERSISTED_OVER;
	return range_record_write(folder, record, error);
}

int range_persist(const struct range_place *place, const struct range_values *before,
		  const struct range_values *after, struct error *error)
{
	struct range_folder folder;
	struct range_record record;
	bool again;
	int result;

	if (range_folder_open(&folder, place->inode, error))
		return -1;
	result = range_record_read(&folder, folder.own, &record, error);
	again = result > 0 && record.persisted;
	if (result > 0)
		result = refuse_trial(&record, error);
	/* Without a record there is nothing to undo: it was set so already. */
	if (!result && record.inode && !again)
		result = note_file(&folder, &record, error);
	if (!result)
		result = range_dropin_write(before, after, again, error);
	if (result && record.inode && !again && record.persisted) {
		struct error other;

		record.persisted = RANGE_NOT_PERSISTED;
		(void)range_record_write(&folder, &record, &other);
	}
	range_record_free(&record);
	range_folder_close(&folder);
	return result;
}

int range_unpersist(struct error *error)
{
	struct range_folder lock;
	int folder = open(FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;

	if (folder < 0)
		return errno == ENOENT ?
			       0 :
			       error_set(error, "%s: %s", FOLDER, language_errno(errno));
	if (range_folder_open(&lock, 0, error)) {
		close(folder);
		return -1;
	}
	unlinkat(folder, REPLACED, 0);
	result = !unlinkat(folder, NAME, 0);
	if ((!result && errno != ENOENT) || fsync(folder))
		result = error_set(error, "%s: %s", RANGE_DROPIN, language_errno(errno));
	range_folder_close(&lock);
	close(folder);
	return result;
}
