#include "source/linux/process/cgroup.h"

#include "base/arena.h"

#include <ctype.h>
#include <string.h>

enum { CONTAINER_DIGITS = 64, POD_LENGTH = 36 };

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t size = strlen(end);

	return length > size && !memcmp(text + length - size, end, size);
}

static size_t hex_digits(const char *text, size_t length)
{
	size_t count = 0;

	while (count < length && isxdigit((unsigned char)text[count]))
		count++;
	return count;
}

/* The id stands alone or behind "docker-", "cri-containerd-", "crio-", "libpod-" or "cri-containerd:". */
static const char *find_container(struct arena *arena, const char *part, size_t length)
{
	for (size_t at = 0; at + CONTAINER_DIGITS <= length; at++) {
		size_t count = hex_digits(part + at, length - at);

		if (count == CONTAINER_DIGITS &&
		    (!at || part[at - 1] == '-' || part[at - 1] == ':'))
			return arena_copy_length(arena, part + at, CONTAINER_DIGITS);
		at += count;
	}
	return NULL;
}

static const char *find_pod(struct arena *arena, const char *part, size_t length)
{
	for (size_t at = 0; at + 3 + POD_LENGTH <= length; at++) {
		char *pod;

		if (strncmp(part + at, "pod", 3) || (at && part[at - 1] != '-'))
			continue;
		if (hex_digits(part + at + 3, POD_LENGTH) != 8)
			continue;
		pod = arena_copy_length(arena, part + at + 3, POD_LENGTH);
		for (char *c = pod; *c; c++)
			if (*c == '_')
				*c = '-';
		return pod;
	}
	return NULL;
}

static void read_path(struct arena *arena, const char *path, size_t length,
		      struct cgroup_names *names)
{
	const char *end = path + length;

	while (path < end) {
		const char *slash = memchr(path, '/', (size_t)(end - path));
		size_t size = (size_t)((slash ? slash : end) - path);
		const char *container = find_container(arena, path, size);
		const char *pod = find_pod(arena, path, size);

		if (container)
			names->container = container;
		else if (ends_with(path, size, ".service") || ends_with(path, size, ".scope"))
			names->unit = arena_copy_length(arena, path, size);
		if (size > 5 && !strncmp(path, "user@", 5))
			names->user_unit = true;
		if (pod)
			names->pod = pod;
		path += size + 1;
	}
}

struct cgroup_names cgroup_read(struct arena *arena, const char *text)
{
	struct cgroup_names names = { 0 };

	/* "0::/path" (version 2) or "1:name=systemd:/path": the path follows the second colon. */
	while (*text) {
		const char *end = strchr(text, '\n');
		const char *colon = strchr(text, ':');

		if (!end)
			end = text + strlen(text);
		if (colon && colon < end)
			colon = strchr(colon + 1, ':');
		if (colon && colon < end)
			read_path(arena, colon + 1, (size_t)(end - colon - 1), &names);
		text = *end ? end + 1 : end;
	}
	return names;
}
