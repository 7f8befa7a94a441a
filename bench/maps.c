#include "maps.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

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

/* What is resident of all mappings but those of BPF maps; and how large these are. By mapping, because the
 * total is behind where a process is just about to unmap one. */
static unsigned long other_bytes(pid_t pid, unsigned long *mapped)
{
	unsigned long first, last, kib, sum = 0;
	char path[64], line[512];
	int is_map = 0;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &first, &last) == 2) {
			is_map = strstr(line, "anon_inode:bpf-map") != NULL;
			*mapped += is_map ? last - first : 0;
		} else if (!is_map && sscanf(line, "Rss: %lu", &kib) == 1) {
			sum += kib * 1024;
		}
	}
	if (file)
		fclose(file);
	return sum;
}

long maps_memory_kib(pid_t pid)
{
	unsigned long mapped = 0, other = other_bytes(pid, &mapped), open = open_bytes(pid);

	return (long)((other + (open > mapped ? open : mapped)) / 1024);
}
