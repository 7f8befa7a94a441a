#define _GNU_SOURCE /* setns() */
#include "action/linux/range_files.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/port_set.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * What /proc/sys/net shows is that of the namespace whoever opens it is in; afterwards the descriptor goes on
 * meaning that one (Linux net/sysctl_net.c, net_ctl_header_lookup()).
 */
#define RANGE "/proc/sys/net/ipv4/ip_local_port_range"
#define RESERVED "/proc/sys/net/ipv4/ip_local_reserved_ports"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE                                                                       \
	71 /* since Linux 5.14, asm-generic/socket.h; missing in Debian 12's libc */
#endif

enum { LARGEST = 1 << 20 }; /* 65,536 single ports make less than half of it */

/* ---- the way in ---- */

static uint64_t cookie_here(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = 0;
	socklen_t size = sizeof cookie;

	if (fd < 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size))
		cookie = 0;
	close(fd);
	return cookie;
}

static int open_setting(const char *path, struct error *error)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return error_set(
			error,
			errno == EACCES || errno == EPERM || errno == EROFS ?
				_("%s cannot be written: %s; run as root, outside of a "
				  "container that has it read-only") :
				_("%s: %s"),
			path, language_errno(errno));
	return fd;
}

static int open_here(struct range_files *files, struct error *error)
{
	struct stat status;

	if (stat("/proc/self/ns/net", &status))
		return error_set(error, "/proc/self/ns/net: %s", language_errno(errno));
	if (status.st_ino != files->inode)
		return error_set(error, _("another network namespace has its place by now"));
	files->cookie = cookie_here();
	files->range = open_setting(RANGE, error);
	if (files->range < 0)
		return -1;
	files->reserved = open_setting(RESERVED, error);
	return files->reserved < 0 ? -1 : 0;
}

/* There and back again. */
static int open_there(struct range_files *files, const char *path, struct error *error)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int other = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int result;

	if (own < 0 || other < 0 || setns(other, CLONE_NEWNET)) {
		result = error_set(error, _("cannot enter the network namespace %s: %s"), path,
				   language_errno(errno));
	} else {
		result = open_here(files, error);
		if (setns(own, CLONE_NEWNET) && !result)
			result = error_set(error, "%s: %s", path, language_errno(errno));
	}
	if (own >= 0)
		close(own);
	if (other >= 0)
		close(other);
	return result;
}

int range_files_open(struct range_files *files, const struct range_place *place,
		     struct error *error)
{
	int result;

	*files = (struct range_files){ .range = -1, .reserved = -1, .inode = place->inode };
	result = place->enter ? open_there(files, place->enter, error) :
				open_here(files, error);
	if (result)
		range_files_close(files);
	return result;
}

void range_files_close(struct range_files *files)
{
	if (files->range >= 0)
		close(files->range);
	if (files->reserved >= 0)
		close(files->reserved);
	files->range = files->reserved = -1;
}

/* ---- reading ---- */

/* All of a setting, to be freed; the newline is gone. NULL with errno. */
static char *read_setting(int fd)
{
	char *text = memory_zeroed(LARGEST, 1);
	size_t length = 0;
	ssize_t got;

	/* A file of /proc/sys is made anew for each read() and begins where it is told to. */
	while ((got = pread(fd, text + length, LARGEST - 1 - length, (off_t)length)) > 0)
		length += (size_t)got;
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[strcspn(text, "\n")] = '\0';
	return text;
}

int range_files_read(const struct range_files *files, struct range_values *values,
		     struct error *error)
{
	char *range = read_setting(files->range);
	unsigned first, last;
	int result = -1;

	*values = (struct range_values){ 0 };
	if (!range)
		return error_set(error, "%s: %s", RANGE, language_errno(errno));
	if (sscanf(range, "%u %u", &first, &last) != 2 || !first || first > last ||
	    last > 65535) {
		error_set(error, _("%s: '%s' is not a range"), RANGE, range);
	} else {
		values->range = (struct port_range){ .first = (uint16_t)first,
						     .last = (uint16_t)last };
		values->reserved = read_setting(files->reserved);
		result = values->reserved ?
				 0 :
				 error_set(error, "%s: %s", RESERVED, language_errno(errno));
	}
	free(range);
	return result;
}

/* ---- writing ---- */

static bool is_range(struct port_range one, struct port_range other)
{
	return one.first == other.first && one.last == other.last;
}

static bool reserves_all_of(const char *more, const char *fewer)
{
	struct port_set a = { 0 }, b = { 0 };
	bool all = port_set_parse(&a, more) && port_set_parse(&b, fewer);

	if (all)
		port_set_each(port, &b)
			all = all && port_set_has(&a, (uint16_t)port);
	port_set_free(&a);
	port_set_free(&b);
	return all;
}

static int write_setting(int fd, const char *path, const char *text, struct error *error)
{
	size_t length = strlen(text), done = 0;

	/* A long list is taken in pieces: the first replaces, what follows is added (Linux kernel/sysctl.c,
	 * proc_do_large_bitmap()). */
	do {
		ssize_t took = pwrite(fd, text + done, length - done, (off_t)done);

		if (took <= 0)
			return error_set(error, _("%s: the kernel does not take '%.60s': %s"),
					 path, text, language_errno(took ? errno : EINVAL));
		done += (size_t)took;
	} while (done < length);
	return 0;
}

static int write_range(const struct range_files *files, struct port_range range,
		       struct error *error)
{
	char text[32];

	snprintf(text, sizeof text, "%u %u\n", range.first, range.last);
	return write_setting(files->range, RANGE, text, error);
}

static int write_reserved(const struct range_files *files, const char *list,
			  struct error *error)
{
	return write_setting(files->reserved, RESERVED, *list ? list : "\n", error);
}

/* What is to be done, and in which order. */
struct change {
	bool range, reserved, reserved_first;
};

static int write_change(const struct range_files *files, struct change change,
			const struct range_values *to, struct error *error)
{
	if (change.reserved && change.reserved_first &&
	    write_reserved(files, to->reserved, error))
		return -1;
	if (change.range && write_range(files, to->range, error))
		return -1;
	if (change.reserved && !change.reserved_first)
		return write_reserved(files, to->reserved, error);
	return 0;
}

static int verify(const struct range_files *files, struct change change,
		  const struct range_values *to, struct error *error)
{
	struct range_values now;
	int result = range_files_read(files, &now, error);

	if (!result && change.range && !is_range(now.range, to->range))
		result = error_set(error, _("%s: %u-%u was written, %u-%u is there"), RANGE,
				   to->range.first, to->range.last, now.range.first,
				   now.range.last);
	if (!result && change.reserved && !port_set_same_list(now.reserved, to->reserved))
		result = error_set(error, _("%s: '%.60s' was written, '%.60s' is there"),
				   RESERVED, to->reserved, now.reserved);
	range_values_free(&now);
	return result;
}

int range_files_change(const struct range_files *files, const struct range_values *from,
		       const struct range_values *to, bool *kept, struct error *error)
{
	bool ranges = !is_range(from->range, to->range);
	bool lists = !port_set_same_list(from->reserved, to->reserved);
	struct range_values now;
	struct change change;
	struct error again;

	if (range_files_read(files, &now, error)) {
		range_values_free(&now);
		return -1;
	}
	change = (struct change){
		.range = ranges && is_range(now.range, from->range),
		.reserved = lists && port_set_same_list(now.reserved, from->reserved),
		.reserved_first = reserves_all_of(to->reserved, from->reserved),
	};
	*kept = (ranges && !change.range && !is_range(now.range, to->range)) ||
		(lists && !change.reserved && !port_set_same_list(now.reserved, to->reserved));
	range_values_free(&now);
	if (!write_change(files, change, to, error) && !verify(files, change, to, error))
		return 0;
	/* What is not ours by now stays: somebody else has been at it. */
	if (!range_files_read(files, &now, &again)) {
		change.range = change.range && is_range(now.range, to->range);
		change.reserved =
			change.reserved && port_set_same_list(now.reserved, to->reserved);
	}
	range_values_free(&now);
	change.reserved_first = !change.reserved_first;
	if (write_change(files, change, from, &again) || verify(files, change, from, &again)) {
		struct error first = *error;

		error_set(error,
			  _("%.200s; and what was there before could not be put back: %.200s"),
			  first.text, again.text);
		return -2;
	}
	return -1;
}
