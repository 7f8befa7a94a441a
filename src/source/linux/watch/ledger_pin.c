#include "base/language.h"
#include "source/linux/bpf/support.h"
#include "source/linux/watch/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/*
 * What is pinned: the link, which keeps the program running, and the maps. Whoever could write to them
 * could tell whom to blame, so that they must be root's alone, and so must the folder.
 *
 * The link comes last and goes first: where it is there, so is the rest.
 */
const char *ledger_folder(void)
{
	const char *wish = getenv("PORTROOM_LEDGER");

	return wish && *wish ? wish : "/sys/fs/bpf/portroom/ledger";
}

bool ledger_is_pinned(const char *folder)
{
	struct stat status;

	return !lstat(folder, &status) || errno != ENOENT;
}

#ifdef HAVE_BPF

enum { ENTRIES, MAKERS, STATE, LINK, PARTS };

static const struct {
	const char *file, *map; /* map: its name in the kernel, NULL for the link */
	u32 type, key_size, value_size;
} parts[PARTS] = {
	[ENTRIES] = { "entries", "ledger_entries", BPF_MAP_TYPE_ARRAY, sizeof(u32),
		      sizeof(struct ledger_entry) },
	[MAKERS] = { "makers", "ledger_makers", BPF_MAP_TYPE_LRU_HASH,
		     sizeof(struct ledger_maker_key), sizeof(struct ledger_maker) },
	[STATE] = { "state", "ledger_state", BPF_MAP_TYPE_ARRAY, sizeof(u32),
		    sizeof(struct ledger_state) },
	[LINK] = { "link" },
};

enum { PATH_SIZE = 512 };

static char *path_of(char path[PATH_SIZE], const char *folder, int part)
{
	snprintf(path, PATH_SIZE, "%s/%s", folder, parts[part].file);
	return path;
}

static int call(int command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

/* ---- pinning and removing ---- */

int ledger_unpin(const char *folder, struct error *error)
{
	char path[PATH_SIZE];

	for (int part = LINK; part >= 0; part--)
		if (unlink(path_of(path, folder, part)) && errno != ENOENT && errno != ENOTDIR)
			return error_set(error, _("%s cannot be removed: %s"), path,
					 language_errno(errno));
	if (rmdir(folder) && errno != ENOENT)
		return error_set(error, _("%s cannot be removed: %s"), folder,
				 language_errno(errno));
	return 0;
}

/* The folder and the one it lies in: a bpffs has none at first. */
static int make_folder(const char *folder)
{
	char parent[PATH_SIZE], *slash;

	snprintf(parent, sizeof parent, "%s", folder);
	slash = strrchr(parent, '/');
	if (slash && slash != parent) {
		*slash = '\0';
		if (mkdir(parent, 0700) && errno != EEXIST)
			return -1;
	}
	return mkdir(folder, 0700);
}

static int pin_parts(const struct ledger_parts *numbers, const char *folder)
{
	const int of[PARTS] = { numbers->entries, numbers->makers, numbers->state,
				numbers->link };
	char path[PATH_SIZE];

	for (int part = 0; part < PARTS; part++) {
		union bpf_attr attributes = { 0 };

		attributes.pathname = (u64)(uintptr_t)path_of(path, folder, part);
		attributes.bpf_fd = (u32)of[part];
		if (call(BPF_OBJ_PIN, &attributes))
			return -1;
	}
	return 0;
}

int ledger_pin(const struct ledger *ledger, const char *folder, struct error *error)
{
	struct ledger_parts numbers = ledger_parts_of(ledger);
	struct error ignored;
	int failed;

	if (make_folder(folder))
		return error_set(error, _("%s cannot be made: %s; it must lie in a bpffs"),
				 folder, language_errno(errno));
	if (!pin_parts(&numbers, folder))
		return 0;
	failed = errno;
	ledger_unpin(folder, &ignored);
	return error_set(error, _("the ledger cannot be pinned into %s: %s"), folder,
			 language_errno(failed));
}

/* ---- looking at what somebody has pinned ---- */

static bool is_roots_alone(const struct stat *status)
{
	return !status->st_uid && !(status->st_mode & (S_IWGRP | S_IWOTH));
}

/* NULL: nothing stands against it. */
static const char *distrust_folder(const char *folder)
{
	struct statfs system;
	struct stat status;

	if (lstat(folder, &status) || statfs(folder, &system))
		return language_errno(errno);
	if (!S_ISDIR(status.st_mode) || system.f_type != BPF_FS_MAGIC)
		return _("no folder of a bpffs");
	return is_roots_alone(&status) ? NULL : _("others than root may write to it");
}

static const char *distrust_part(const char *folder, int part)
{
	char path[PATH_SIZE];
	struct stat status;

	if (lstat(path_of(path, folder, part), &status))
		return errno == ENOENT ? _("a part of it is missing") : language_errno(errno);
	return S_ISREG(status.st_mode) && is_roots_alone(&status) ?
		       NULL :
		       _("others than root may write to it");
}

/* Only to be read where that can be had: a link cannot, nor can what is to be mapped, since mmap() takes
 * the sharing away from a file that cannot be written to (Linux mm/mmap.c, do_mmap()). -1 with errno. */
static int open_part(const char *folder, int part)
{
	union bpf_attr attributes = { 0 };
	char path[PATH_SIZE];

	attributes.pathname = (u64)(uintptr_t)path_of(path, folder, part);
	attributes.file_flags = part == MAKERS ? BPF_F_RDONLY : 0;
	return call(BPF_OBJ_GET, &attributes);
}

static int ask(int number, void *info, u32 size)
{
	union bpf_attr attributes = { 0 };

	attributes.info.bpf_fd = (u32)number;
	attributes.info.info_len = size;
	attributes.info.info = (u64)(uintptr_t)info;
	return call(BPF_OBJ_GET_INFO_BY_FD, &attributes);
}

static bool is_our_map(int number, int part, size_t *entries)
{
	struct bpf_map_info info = { 0 };

	if (ask(number, &info, sizeof info) || strcmp(info.name, parts[part].map) ||
	    info.type != parts[part].type || info.key_size != parts[part].key_size ||
	    info.value_size != parts[part].value_size)
		return false;
	if (part == ENTRIES)
		*entries = info.max_entries;
	return true;
}

/* What else is pinned may be asked for the same information, and says nothing of the kind. */
static bool is_our_link(int number)
{
	struct bpf_link_info info = { 0 };
	char name[64] = { 0 };

	info.raw_tracepoint.tp_name = (u64)(uintptr_t)name;
	info.raw_tracepoint.tp_name_len = sizeof name;
	return !ask(number, &info, sizeof info) && info.type == BPF_LINK_TYPE_RAW_TRACEPOINT &&
	       !strcmp(name, "inet_sock_set_state");
}

static bool fits(size_t entries)
{
	return entries && entries <= LEDGER_ENTRIES_MOST && !(entries & (entries - 1));
}

/* Opens all parts into `numbers`. NULL, or what stands against it. */
static const char *open_parts(const char *folder, int numbers[PARTS], size_t *entries)
{
	const char *why = distrust_folder(folder);

	for (int part = 0; !why && part < PARTS; part++) {
		bool ours;

		why = distrust_part(folder, part);
		if (why)
			break;
		numbers[part] = open_part(folder, part);
		if (numbers[part] < 0)
			return language_errno(errno);
		ours = parts[part].map ? is_our_map(numbers[part], part, entries) :
					 is_our_link(numbers[part]);
		if (!ours)
			why = _("it is of another version or of another program");
	}
	if (!why && !fits(*entries))
		why = _("it is of another version or of another program");
	return why;
}

static void close_all(const int numbers[PARTS])
{
	for (int part = 0; part < PARTS; part++)
		if (numbers[part] >= 0)
			close(numbers[part]);
}

struct ledger *ledger_adopt(const char *folder, struct error *error)
{
	int numbers[PARTS] = { -1, -1, -1, -1 };
	const char *why = bpf_obstacle();
	struct ledger *ledger = NULL;
	size_t entries = 0;

	if (!why)
		why = open_parts(folder, numbers, &entries);
	if (why) {
		close_all(numbers);
	} else {
		ledger = ledger_of_parts(
			(struct ledger_parts){ numbers[ENTRIES], numbers[MAKERS],
					       numbers[STATE], numbers[LINK] },
			entries);
		if (!ledger)
			why = language_errno(errno);
	}
	if (ledger && ledger_state_of(ledger).layout != LEDGER_LAYOUT) {
		ledger_close(ledger);
		ledger = NULL;
		why = _("it is of another version or of another program");
	}
	if (!ledger)
		error_set(error, _("the one in %s is of no use: %s"), folder, why);
	return ledger;
}

struct ledger *ledger_record(const char *folder, size_t entries, struct error *error)
{
	struct ledger *ledger = ledger_adopt(folder, error);

	if (ledger)
		return ledger;
	if (ledger_unpin(folder, error))
		return NULL;
	ledger = ledger_open(entries, error);
	if (ledger && ledger_pin(ledger, folder, error)) {
		ledger_close(ledger);
		ledger = NULL;
	}
	return ledger;
}

#else

int ledger_unpin(const char *folder, struct error *error)
{
	(void)folder;
	return error_set(error, "%s", bpf_obstacle());
}

int ledger_pin(const struct ledger *ledger, const char *folder, struct error *error)
{
	(void)ledger;
	return ledger_unpin(folder, error);
}

struct ledger *ledger_adopt(const char *folder, struct error *error)
{
	ledger_unpin(folder, error);
	return NULL;
}

struct ledger *ledger_record(const char *folder, size_t entries, struct error *error)
{
	(void)entries;
	return ledger_adopt(folder, error);
}

#endif
