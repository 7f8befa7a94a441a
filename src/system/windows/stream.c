#include "system/stream.h"

#include "base/arena.h"
#include "system/windows/console.h"
#include "system/windows/wide.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

#include <shellapi.h>

static void take_arguments(int *argc, char ***argv)
{
	int count;
	wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &count);
	char **arguments;

	if (!wide)
		return;
	arguments = memory_zeroed((size_t)count + 1, sizeof *arguments);
	for (int i = 0; i < count; i++)
		arguments[i] = wide_to_text(wide[i]);
	LocalFree(wide);
	*argc = count;
	*argv = arguments; /* lives as long as the program */
}

void stream_start(int *argc, char ***argv)
{
	take_arguments(argc, argv);
	for (int stream = 0; stream <= 2; stream++)
		_setmode(stream, _O_BINARY);
	console_start();
	atexit(console_end); /* also where memory runs out */
}

void stream_end(void)
{
	console_end();
}

bool stream_is_terminal(int stream)
{
	return console_is(stream);
}

bool stream_has_colours(int stream)
{
	return console_has_colours(stream);
}

unsigned stream_width(void)
{
	CONSOLE_SCREEN_BUFFER_INFO info;

	if (!GetConsoleScreenBufferInfo(console_handle(1), &info))
		return 0;
	return (unsigned)(info.srWindow.Right - info.srWindow.Left + 1);
}

/* A pipe whose other end is closed says so when it is written to, and not before. */
bool stream_reader_is_gone(void)
{
	return false;
}

bool stream_write(const char *text, size_t size, size_t *wrote)
{
	*wrote = 0;
	while (*wrote < size) {
		size_t left = size - *wrote;
		int result =
			_write(1, text + *wrote, left > INT_MAX ? INT_MAX : (unsigned)left);

		if (result < 0) {
			/* A broken pipe is EINVAL in msvcrt. */
			errno = errno == EINVAL ? EPIPE : errno;
			return false;
		}
		*wrote += (size_t)result;
	}
	return true;
}

void stream_mind_limits(void)
{
}
