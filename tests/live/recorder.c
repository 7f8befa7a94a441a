/*
 * Plays a recorder, whose ledger outlives it, and looks whether anything of BPF is left.
 *
 *     recorder record FOLDER ENTRIES   begins a ledger and pins it, or goes on with the one that is there;
 *                                      says which; ends at the end of its input, and leaves it
 *     recorder end FOLDER              removes it
 *     recorder foreign FOLDER          pins maps there that look alike and are not
 *     recorder left KIND ID...         0 if a prog, map or link with such an id is there
 */
#include "source/linux/watch/ledger.h"

#include <err.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int call(int command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static int record(const char *folder, size_t entries)
{
	struct error error;
	struct ledger *ledger = ledger_adopt(folder, &error);
	bool there = ledger;
	char byte;

	ledger_close(ledger);
	ledger = ledger_record(folder, entries, &error);
	if (!ledger)
		errx(1, "%s", error.text);
	puts(there ? "adopted" : "begun");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	ledger_close(ledger);
	return 0;
}

static int end(const char *folder)
{
	struct error error;

	if (ledger_unpin(folder, &error))
		errx(1, "%s", error.text);
	return 0;
}

static void pin_foreign(const char *folder, const char *file)
{
	union bpf_attr map = { 0 }, pin = { 0 };
	char path[512];

	map.map_type = BPF_MAP_TYPE_ARRAY;
	map.key_size = 4;
	map.value_size = sizeof(struct ledger_entry);
	map.max_entries = 1024;
	map.map_flags = BPF_F_MMAPABLE;
	strcpy(map.map_name, "ledger_entrees");
	pin.bpf_fd = (__u32)call(BPF_MAP_CREATE, &map);
	snprintf(path, sizeof path, "%s/%s", folder, file);
	pin.pathname = (__u64)(uintptr_t)path;
	if ((int)pin.bpf_fd < 0 || call(BPF_OBJ_PIN, &pin))
		err(1, "%s", path);
}

static int foreign(const char *folder)
{
	if (mkdir(folder, 0700))
		err(1, "%s", folder);
	pin_foreign(folder, "entries");
	pin_foreign(folder, "makers");
	pin_foreign(folder, "state");
	pin_foreign(folder, "link");
	return 0;
}

static bool is_left(const char *kind, const char *id)
{
	union bpf_attr attributes = { 0 };
	int number;

	attributes.prog_id =
		(__u32)strtoul(id, NULL, 10); /* the others' are at the same place */
	number = call(!strcmp(kind, "prog") ? BPF_PROG_GET_FD_BY_ID :
		      !strcmp(kind, "map")  ? BPF_MAP_GET_FD_BY_ID :
					      BPF_LINK_GET_FD_BY_ID,
		      &attributes);
	if (number < 0 && errno != ENOENT)
		err(2, "%s %s", kind, id);
	if (number >= 0)
		close(number);
	return number >= 0;
}

static int left(int count, char **ids, const char *kind)
{
	for (int i = 0; i < count; i++)
		if (is_left(kind, ids[i]))
			return 0;
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "record"))
		return record(argv[2], strtoul(argv[3], NULL, 10));
	if (argc == 3 && !strcmp(argv[1], "end"))
		return end(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "foreign"))
		return foreign(argv[2]);
	if (argc >= 4 && !strcmp(argv[1], "left"))
		return left(argc - 3, argv + 3, argv[2]);
	errx(2, "usage: see the head of the source");
}
