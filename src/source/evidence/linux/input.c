#define _GNU_SOURCE /* memfd_create() */
#include "source/evidence/input.h"

#include "base/arena.h"
#include "base/language.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* What cannot be mapped takes memory: a listing of a million sockets has some hundred megabytes. */
enum { MOST_BYTES = 512 << 20, FIRST_BYTES = 1 << 16, WRITER_WITHIN_MS = 10000 };

/*
 * A mapped file that somebody shortens meanwhile has no pages behind its end, and reading there is a SIGBUS. Zeros
 * take their place, and it is said afterwards.
 */
static volatile sig_atomic_t shrank;
static size_t page_size; /* 64 KiB on some machines */

static void put_zeros(int number, siginfo_t *info, void *context)
{
	uintptr_t page = (uintptr_t)info->si_addr / page_size * page_size;

	(void)context;
	if (mmap((void *)page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		 -1, 0) == MAP_FAILED) {
		signal(number, SIG_DFL);
		return; /* and again, to the end */
	}
	shrank = 1;
}

static void mind_shrinking(void)
{
	struct sigaction action = { .sa_sigaction = put_zeros, .sa_flags = SA_SIGINFO };

	page_size = (size_t)sysconf(_SC_PAGESIZE);
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
}

bool evidence_input_shrank(void)
{
	bool did = shrank;

	shrank = 0;
	return did;
}

static void give_back(const struct artefact_input *input, size_t offset)
{
	madvise((void *)(uintptr_t)input->bytes, offset / page_size * page_size,
		MADV_DONTNEED);
}

static int map(struct evidence_input *input, int fd, size_t size)
{
	void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (bytes == MAP_FAILED)
		return -1;
	mind_shrinking();
	madvise(bytes, size, MADV_SEQUENTIAL);
	input->is_mapped = true;
	input->artefact.bytes = bytes;
	input->artefact.size = size;
	input->artefact.passed = give_back;
	return 0;
}

static int read_all(struct evidence_input *input, int fd)
{
	uint8_t *bytes = NULL;
	size_t size = 0, capacity = 0;

	for (;;) {
		ssize_t got;

		if (size == capacity) {
			capacity = capacity ? 2 * capacity : FIRST_BYTES;
			bytes = memory_resize(bytes, capacity, 1);
		}
		got = read(fd, bytes + size, capacity - size);
		if (!got)
			break;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int number = errno;

			free(bytes);
			return number;
		}
		size += (size_t)got;
		if (size >= MOST_BYTES) {
			size = MOST_BYTES;
			input->artefact.cut = _(
				"more than 512 MiB came, and the rest was not read; give it as a file");
			break;
		}
	}
	input->artefact.bytes = bytes;
	input->artefact.size = size;
	return 0;
}

int evidence_input_take(struct evidence_input *input, int fd, const char *name,
			struct error *error)
{
	struct stat about;
	int number;

	*input = (struct evidence_input){ .artefact = { .name = name }, .fd = -1 };
	if (fstat(fd, &about))
		return error_set(error, "%s", language_errno(errno));
	if (S_ISDIR(about.st_mode))
		return error_set(error, "%s", language_errno(EISDIR));
	input->artefact.modified_ms =
		(int64_t)about.st_mtim.tv_sec * 1000 + about.st_mtim.tv_nsec / 1000000;
	if (!S_ISREG(about.st_mode))
		input->artefact.modified_ms = 0;
	if (S_ISREG(about.st_mode) && about.st_size > 0 && !lseek(fd, 0, SEEK_CUR) &&
	    !map(input, fd, (size_t)about.st_size))
		return 0;
	number = read_all(input, fd);
	return number ? error_set(error, "%s", language_errno(number)) : 0;
}

/* Opening some devices does something (a watchdog starts, a tape winds), and others never end. */
static const char *why_not_open(const char *path)
{
	struct stat about;

	if (stat(path, &about))
		return language_errno(errno);
	if (S_ISCHR(about.st_mode) || S_ISBLK(about.st_mode))
		return _("it is a device; - is standard input");
	if (S_ISSOCK(about.st_mode))
		return _("it is a socket");
	return NULL;
}

/*
 * Opened for reading, a named pipe waits for somebody who writes, for ever. Until the first writer came, poll() tells
 * nothing of one that was opened without waiting (Linux fs/pipe.c, pipe_poll()). Of a pipe without a name, as
 * shells make for <(...), somebody holds the other end, or it has ended.
 */
static const char *await_writer(int fd)
{
	struct pollfd pipe = { .fd = fd, .events = POLLIN };
	struct statfs where;
	int ready;

	if (fcntl(fd, F_SETFL, 0) || fstatfs(fd, &where))
		return language_errno(errno);
	if (where.f_type == PIPEFS_MAGIC)
		return NULL;
	do
		ready = poll(&pipe, 1, WRITER_WITHIN_MS);
	while (ready < 0 && errno == EINTR);
	return ready ? NULL : _("it is a pipe, and nobody wrote to it for 10 s");
}

static int open_named(const char *path, const char **why_not)
{
	struct stat about;
	int fd = -1;

	*why_not = why_not_open(path);
	if (*why_not)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &about))
		*why_not = language_errno(errno);
	else if (S_ISFIFO(about.st_mode))
		*why_not = await_writer(fd);
	if (*why_not && fd >= 0)
		close(fd);
	return fd;
}

int evidence_input_open(struct evidence_input *input, const char *path, const char *name,
			struct error *error)
{
	const char *why_not;
	int fd = open_named(path, &why_not);
	int result;

	if (why_not)
		return error_set(error, "%s", why_not);
	result = evidence_input_take(input, fd, name, error);
	if (result)
		close(fd);
	else
		input->fd = fd;
	return result;
}

void evidence_input_close(struct evidence_input *input)
{
	if (input->is_mapped)
		munmap((void *)(uintptr_t)input->artefact.bytes, input->artefact.size);
	else
		free((void *)(uintptr_t)input->artefact.bytes);
	if (input->fd >= 0)
		close(input->fd);
	*input = (struct evidence_input){ .fd = -1 };
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return -1;
		bytes += written;
		size -= (size_t)written;
	}
	return 0;
}

int evidence_descriptor(const struct artefact_input *input, struct error *error)
{
	int fd = memfd_create("portroom", MFD_CLOEXEC), number;

	signal(SIGXFSZ,
	       SIG_IGN); /* under `ulimit -f` even memory is a file: write() shall say so */
	if (fd >= 0 && !write_all(fd, input->bytes, input->size))
		return fd;
	number = errno;
	if (fd >= 0)
		close(fd);
	return error_set(error, _("it could not be handed on to be unpacked: %s"),
			 language_errno(number));
}
