#define _GNU_SOURCE /* strcasestr() */
#include "source/host.h"
#include "source/linux/boot_sockets.h"
#include "source/linux/proc_file.h"
#include "source/linux/reading.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

static const char *os_name(struct arena *arena)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	static const char key[] = "PRETTY_NAME=";
	char text[4096], *line, *end;

	for (size_t i = 0; i < 2; i++) {
		if (proc_file_read(AT_FDCWD, paths[i], text, sizeof text) < 0)
			continue;
		line = strstr(text, key);
		if (!line)
			continue;
		line += strlen(key) + (line[strlen(key)] == '"');
		end = line + strcspn(line, "\"\n");
		return arena_copy_length(arena, line, (size_t)(end - line));
	}
	return NULL;
}

static const char *first_line(struct arena *arena, int directory, const char *path)
{
	char text[256];

	if (proc_file_read(directory, path, text, sizeof text) <= 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return arena_copy(arena, text);
}

/* Files open on the machine and the most there may be; the second number is 0 since Linux 2.6. */
static void read_open_files(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	char text[96];
	long long open, limit;

	snapshot->files_open = snapshot->files_limit = -1;
	snapshot->descriptor_ceiling = proc_file_number(reading->proc, "sys/fs/nr_open");
	if (proc_file_read(reading->proc, "sys/fs/file-nr", text, sizeof text) > 0 &&
	    sscanf(text, "%lld %*d %lld", &open, &limit) == 2 && open >= 0 && limit >= 0) {
		snapshot->files_open = open;
		snapshot->files_limit = limit;
	}
}

/* Only there is an interface of that name: WSL's documentation of networkingMode=mirrored shows it. */
static bool is_mirrored(const struct reading *reading)
{
	enum { LARGEST = 1 << 20 };
	const char *kernel = reading->snapshot->kernel;
	size_t length;
	char *interfaces;
	bool found;

	if (!kernel || !strcasestr(kernel, "microsoft"))
		return false;
	interfaces = proc_file_read_all(reading->proc, "net/dev", LARGEST, &length);
	found = interfaces && strstr(interfaces, " loopback0:");
	free(interfaces);
	return found;
}

void host_identify(struct snapshot *snapshot)
{
	struct arena *arena = &snapshot->arena;
	struct utsname name;

	uname(&name);
	snapshot->host_name = arena_copy(arena, name.nodename);
	snapshot->kernel = arena_copy(arena, name.release);
	snapshot->system = os_name(arena);
}

void host_describe(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	struct arena *arena = &snapshot->arena;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	snapshot->time_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	read_open_files(reading);
	if (reading->request->root) {
		snapshot->system = "Linux";
		snapshot->host_name = first_line(arena, reading->proc, "sys/kernel/hostname");
		snapshot->kernel = first_line(arena, reading->proc, "sys/kernel/osrelease");
		snapshot->wsl_mirrored = is_mirrored(reading);
		return;
	}
	host_identify(snapshot);
	snapshot->wsl_mirrored = is_mirrored(reading);
	if (reading->request->port_claims)
		boot_sockets_read(snapshot);
}
