#include "source/linux/boot_sockets.h"

#include "base/text.h"
#include "snapshot/snapshot.h"
#include "source/linux/proc_file.h"

#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* An enabled unit has a link in the folder of what wants it: systemd.unit(5). */
static const char *const links[] = {
	"/etc/systemd/system/*.wants/*.socket",
	"/run/systemd/system/*.wants/*.socket",
	"/usr/lib/systemd/system/*.wants/*.socket",
};

enum { LARGEST_UNIT = 64 << 10, MOST_UNITS = 1000 };

static bool is_known(const struct snapshot *snapshot, const char *unit, enum protocol protocol,
		     uint16_t port)
{
	for (size_t i = 0; i < snapshot->boot_socket_count; i++) {
		const struct boot_socket *known = &snapshot->boot_sockets[i];

		if (known->port == port && known->protocol == protocol &&
		    !strcmp(known->unit, unit))
			return true;
	}
	return false;
}

/* "22", "0.0.0.0:22", "[::]:22"; a path, an abstract name or a vsock address has no port. */
static uint16_t port_of(const char *value)
{
	const char *colon = strrchr(value, ':');
	uint64_t port;

	if (value[0] == '/' || value[0] == '@' || !strncmp(value, "vsock:", strlen("vsock:")))
		return 0;
	return text_to_number(colon ? colon + 1 : value, UINT16_MAX, &port) ? (uint16_t)port :
									      0;
}

/* An empty value of any of these takes back all that the file has named before: systemd.socket(5). `first`: where
 * what is of this file begins. */
static void take_line(struct snapshot *snapshot, const char *unit, size_t first,
		      const char *key, const char *value)
{
	static const struct {
		const char *key;
		enum protocol protocol;
	} keys[] = { { "ListenStream", PROTOCOL_TCP }, { "ListenDatagram", PROTOCOL_UDP } };

	if (!strncmp(key, "Listen", strlen("Listen")) && !*value)
		snapshot->boot_socket_count = first;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		uint16_t port;

		if (strcmp(key, keys[i].key) != 0)
			continue;
		port = port_of(value);
		if (!port || is_known(snapshot, unit, keys[i].protocol, port))
			return;
		array_reserve(snapshot->boot_sockets, snapshot->boot_socket_count,
			      snapshot->boot_socket_capacity);
		snapshot->boot_sockets[snapshot->boot_socket_count++] = (struct boot_socket){
			.unit = arena_copy(&snapshot->arena, unit),
			.protocol = keys[i].protocol,
			.port = port,
		};
	}
}

static void read_unit(struct snapshot *snapshot, const char *path)
{
	const char *unit = strrchr(path, '/') + 1;
	const size_t first = snapshot->boot_socket_count;
	struct stat status;
	size_t length;
	char *text, *save = NULL;

	/* A masked one is a link to /dev/null. */
	if (stat(path, &status) || !S_ISREG(status.st_mode))
		return;
	text = proc_file_read_all(AT_FDCWD, path, LARGEST_UNIT, &length);
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		/* Blanks around the sign do not count: systemd.syntax(7). */
		*value++ = '\0';
		value += strspn(value, " \t");
		value[strcspn(value, " \t\r")] = '\0';
		line += strspn(line, " \t");
		line[strcspn(line, " \t")] = '\0';
		take_line(snapshot, unit, first, line, value);
	}
	free(text);
}

void boot_sockets_read(struct snapshot *snapshot)
{
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		glob_t found;

		if (!glob(links[i], 0, NULL, &found))
			for (size_t at = 0; at < found.gl_pathc && at < MOST_UNITS; at++)
				read_unit(snapshot, found.gl_pathv[at]);
		globfree(&found);
	}
}
