#include "system/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A descriptor that is closed at the start would be given to the first file opened, and output
 * would go there. Opened for the other direction, it fails as it should. */
void stream_start(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			if (open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
				return;
}

void stream_end(void)
{
}

bool stream_is_terminal(int stream)
{
	return isatty(stream);
}

bool stream_has_colours(int stream)
{
	return isatty(stream);
}

unsigned stream_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

bool stream_reader_is_gone(void)
{
	struct pollfd reader = { .fd = STDOUT_FILENO };

	return poll(&reader, 1, 0) > 0 && reader.revents & POLLERR;
}

bool stream_write(const char *text, size_t size, size_t *wrote)
{
	*wrote = 0;
	while (*wrote < size) {
		ssize_t result = write(STDOUT_FILENO, text + *wrote, size - *wrote);

		if (result < 0 && errno != EINTR)
			return false;
		*wrote += result > 0 ? (size_t)result : 0;
	}
	return true;
}

void stream_mind_limits(void)
{
	signal(SIGXFSZ, SIG_IGN);
}
