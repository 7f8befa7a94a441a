#include "source/linux/sockets/proc_net.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Times in these files are in hundredths of a second (USER_HZ) on every Linux. */
enum { TICK_MS = 10, TIMER_TIME_WAIT = 3, KERNEL_TIME_WAIT = 6, KERNEL_CLOSE = 7 };

/* Each 32-bit word of an address is printed as a number, hence in the host's byte order. */
static bool read_address(const char *text, struct address *address)
{
	uint32_t words[4];
	int count = strlen(text) == 8 ? 1 : strlen(text) == 32 ? 4 : 0;

	for (int i = 0; i < count; i++) {
		char digits[9] = { 0 };

		memcpy(digits, text + 8 * i, 8);
		words[i] = (uint32_t)strtoul(digits, NULL, 16);
	}
	if (!count)
		return false;
	*address = count == 1 ? address_ipv4(words) : address_ipv6(words);
	return true;
}

static bool read_line(const char *line, enum protocol protocol,
		      const struct time_wait_rule *rule, struct socket_record *record)
{
	char local[33], remote[33];
	unsigned local_port, remote_port, state, timer, user, inode;
	unsigned long when;

	if (sscanf(line,
		   " %*u: %32[0-9A-Fa-f]:%4x %32[0-9A-Fa-f]:%4x %2x %*x:%*x %2x:%lx %*x %u %*d %u",
		   local, &local_port, remote, &remote_port, &state, &timer, &when, &user,
		   &inode) != 9)
		return false;
	if (!state || state > 12 || !read_address(local, &record->local) ||
	    !read_address(remote, &record->remote))
		return false;
	record->protocol = protocol;
	record->local_port = (uint16_t)local_port;
	record->remote_port = (uint16_t)remote_port;
	record->user = user;
	record->inode = inode;
	record->ipv6_only =
		record->local.family == FAMILY_IPV6 ? IPV6_ONLY_UNKNOWN : IPV6_ONLY_NO;
	if (protocol == PROTOCOL_UDP) {
		record->state =
			state == KERNEL_CLOSE ? SOCKET_UNCONNECTED : SOCKET_ESTABLISHED;
		return true;
	}
	record->state = sock_diag_tcp_state(state);
	if (state == KERNEL_TIME_WAIT && timer == TIMER_TIME_WAIT) {
		record->expires_ms = (uint32_t)(when * TICK_MS);
		record->age = time_wait_age(rule, record->expires_ms);
	}
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
		struct socket_record record = { 0 };

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
