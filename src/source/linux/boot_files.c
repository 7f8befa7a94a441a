#include "source/boot_files.h"

#include "base/language.h"
#include "source/linux/proc_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * sysctl.d(5): of files with the same name that in the folder that stands first counts; all are sorted by name,
 * whatever their folder. systemd-sysctl(8) leaves /etc/sysctl.conf out, unless a link in one of the folders leads
 * to it; sysctl --system (procps, sysctl(8)) reads it last.
 */
static const char *const folders[] = {
	"/etc/sysctl.d",     "/run/sysctl.d", "/usr/local/lib/sysctl.d",
	"/usr/lib/sysctl.d", "/lib/sysctl.d",
};

enum { LARGEST = 1 << 20, MOST_FILES = 4096 };

struct found {
	const char *name, *path;
	size_t folder;
};

struct listing {
	struct arena *arena;
	struct found *found;
	size_t count, capacity;
};

static bool is_setting_file(const char *name)
{
	size_t length = strlen(name);

	return length > 5 && name[0] != '.' && !strcmp(name + length - 5, ".conf");
}

static void list_folder(struct listing *listing, size_t folder)
{
	DIR *stream = opendir(folders[folder]);
	struct dirent *item;

	if (!stream)
		return;
	while ((item = readdir(stream)) && listing->count < MOST_FILES) {
		if (!is_setting_file(item->d_name))
			continue;
		array_reserve(listing->found, listing->count, listing->capacity);
		listing->found[listing->count++] = (struct found){
			.name = arena_copy(listing->arena, item->d_name),
			.path = arena_print(listing->arena, "%s/%s", folders[folder],
					    item->d_name),
			.folder = folder,
		};
	}
	closedir(stream);
}

static int by_name(const void *a, const void *b)
{
	const struct found *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order ? order : left->folder < right->folder ? -1 : 1;
}

static struct boot_file read_file(struct arena *arena, const char *path)
{
	struct boot_file file = { .path = path };
	struct stat status;
	size_t length;
	char *text = NULL;

	/* A device or a FIFO that somebody has put there must not hold us up; /dev/null masks a name. */
	if (!stat(path, &status) && !S_ISREG(status.st_mode))
		errno = EINVAL;
	else
		text = proc_file_read_all(AT_FDCWD, path, LARGEST, &length);
	if (text)
		file.text = arena_copy(arena, text);
	else
		file.why = arena_copy(arena, language_errno(errno));
	free(text);
	return file;
}

static bool is_null_device(const char *path)
{
	struct stat status, null;

	return !stat(path, &status) && !stat("/dev/null", &null) && S_ISCHR(status.st_mode) &&
	       status.st_rdev == null.st_rdev;
}

void boot_files_read(struct arena *arena, struct boot_file **files, size_t *count)
{
	struct listing listing = { .arena = arena };
	const char *previous = "";

	*count = 0;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		list_folder(&listing, i);
	if (listing.count)
		qsort(listing.found, listing.count, sizeof *listing.found, by_name);
	*files = arena_alloc(arena, (listing.count + 1) * sizeof **files);
	for (size_t i = 0; i < listing.count; i++) {
		if (strcmp(listing.found[i].name, previous) != 0 &&
		    !is_null_device(listing.found[i].path))
			(*files)[(*count)++] = read_file(arena, listing.found[i].path);
		previous = listing.found[i].name;
	}
	free(listing.found);
	if (access("/run/systemd/system", F_OK) && !access("/etc/sysctl.conf", F_OK))
		(*files)[(*count)++] = read_file(arena, "/etc/sysctl.conf");
}
