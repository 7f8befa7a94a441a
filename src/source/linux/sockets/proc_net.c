#include "source/linux/sockets/proc_net.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/linux/kernel.h"
#include "source/artefact/linux/proc_net_line.h"
#include "source/linux/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_line(const char *text, enum protocol protocol,
		      const struct time_wait_rule *rule, struct socket_record *record)
{
	struct line line = { .text = text, .length = strcspn(text, "\n") };

	if (!proc_net_line(&line, protocol, proc_net_is_little_endian(), record))
		return false;
	if (record->state == SOCKET_TIME_WAIT)
		record->age = time_wait_age(rule, record->expires_ms);
	return true;
}

/* In a copied /proc the links self and net may lead nowhere. */
static FILE *open_table(int proc, const char *name)
{
	static const char *const folders[] = { "net", "self/net", "1/net" };
	char path[64];

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		int fd;

		snprintf(path, sizeof path, "%s/%s", folders[i], name);
		fd = openat(proc, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0)
			return fdopen(fd, "r");
		if (errno != ENOENT && errno != ENOTDIR)
			return NULL; /* it is there, and not to be read */
	}
	return NULL;
}

enum { NO_TABLE = -2 };

/* Listeners stand first in the kernel's own files; a copy keeps that order. */
static int read_table(int proc, const char *name, enum protocol protocol,
		      const struct time_wait_rule *rule, sock_diag_callback callback,
		      void *context, int64_t *sockets, struct error *error)
{
	FILE *file = open_table(proc, name);
	char line[512];
	unsigned number = 0;

	if (!file) {
		bool missing = errno == ENOENT;

		error_set(error, _("/proc/net/%s: %s"), name, language_errno(errno));
		return missing ? NO_TABLE : -1;
	}
	while (fgets(line, sizeof line, file)) {
		struct socket_record record;

		if (!number++) /* the heading */
			continue;
		if (!read_line(line, protocol, rule, &record)) {
			fclose(file);
			return error_set(error, _("/proc/net/%s, line %u: not a socket"), name,
					 number);
		}
		++*sockets;
		callback(context, &record);
	}
	fclose(file);
	return 0;
}

int proc_net_read(int proc, enum protocol protocol, const struct time_wait_rule *rule,
		  sock_diag_callback callback, void *context, int64_t *sockets,
		  struct error *error)
{
	bool tcp = protocol == PROTOCOL_TCP;
	struct error six_error;
	int result;

	if (read_table(proc, tcp ? "tcp" : "udp", protocol, rule, callback, context, sockets,
		       error))
		return -1;
	/* A kernel without IPv6 has no second file. */
	result = read_table(proc, tcp ? "tcp6" : "udp6", protocol, rule, callback, context,
			    sockets, &six_error);
	if (!result || result == NO_TABLE)
		return 0;
	*error = six_error;
	return -1;
}
