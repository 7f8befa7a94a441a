#include "maps.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_MAPS = 256 };

/* One descriptor may say: "map_id:\t17" and, a line before, "memlock:\t4096", in bytes
 * (Linux kernel/bpf/syscall.c, bpf_map_show_fdinfo()). False if it is no map's. */
static int read_map(const char *path, unsigned *id, unsigned long *bytes)
{
	FILE *file = fopen(path, "re");
	char line[128];
	int found = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		found += sscanf(line, "memlock: %lu", bytes) == 1 ||
			 sscanf(line, "map_id: %u", id) == 1;
	fclose(file);
	return found == 2;
}

/* Two descriptors of one map count once. */
static unsigned long open_bytes(pid_t pid)
{
	unsigned seen[MOST_MAPS], count = 0, id = 0;
	unsigned long bytes, sum = 0;
	struct dirent *entry;
	char path[320];

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	DIR *folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		unsigned i = 0;

		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", (int)pid, entry->d_name);
		if (entry->d_name[0] == '.' || !read_map(path, &id, &bytes))
			continue;
		while (i < count && seen[i] != id)
			i++;
		if (i < count || count == MOST_MAPS)
			continue;
		seen[count++] = id;
		sum += bytes;
	}
	if (folder)
		closedir(folder);
	return sum;
}

static unsigned long mapped_bytes(pid_t pid)
{
	unsigned long first, last, sum = 0;
	char path[64], line[512];

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, "anon_inode:bpf-map") &&
		    sscanf(line, "%lx-%lx", &first, &last) == 2)
			sum += last - first;
	if (file)
		fclose(file);
	return sum;
}

static unsigned long resident_bytes(pid_t pid)
{
	unsigned long pages = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%*u %lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * (unsigned long)sysconf(_SC_PAGESIZE);
}

long maps_memory_kib(pid_t pid)
{
	unsigned long before = resident_bytes(pid);
	unsigned long open = open_bytes(pid), mapped = mapped_bytes(pid);
	unsigned long after = resident_bytes(pid);

	/* A map that is mapped or unmapped meanwhile must not count twice. */
	return (long)(((before < after ? before : after) +
		       (open > mapped ? open - mapped : 0)) /
		      1024);
}
