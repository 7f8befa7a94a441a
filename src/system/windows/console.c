#include "system/windows/console.h"

#include <fcntl.h>
#include <io.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * Theory of operation. What the C library writes is bytes, which a console takes as text in its code page: that of the user's
 * country, hardly ever UTF-8. There are two ways out.
 *
 * The code page can be set to UTF-8 (65001). It belongs to the console, not to the program: other programs in the same window
 * find it changed, and it stays so if we are ended. Before Windows 10, writing in it miscounts, so that ends of texts are written
 * twice, and fonts of bitmaps show nothing.
 *
 * Or the console is given UTF-16 by WriteConsoleW(), which works in every Windows and changes nothing: that is done here. The C
 * library knows no such stream, so its descriptors 1 and 2, where they are consoles, become the end of one pipe, and a thread
 * writes what comes out of it. As both share it, their order stays; whoever writes to standard error flushes standard
 * output before. The system's own standard handles stay what they were, for the programs that we start.
 *
 * Sequences for colours are understood by consoles since Windows 10 1607, if they are told to. That is a mode of the
 * console, which outlives us: it is put back at the end, and on Ctrl-C.
 */
enum { BYTES = 8192 };

struct console {
	HANDLE handle; /* NULL: the stream is none */
	DWORD mode;    /* as it was found */
	WORD colours;
};

static struct {
	struct console streams[3];
	HANDLE read, thread;
	HANDLE shown;	     /* what the thread writes to */
	volatile LONG turns; /* of the thread: odd while it writes, even while it waits */
} state;

static HANDLE standard(int stream)
{
	return GetStdHandle(stream == 1 ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

bool console_is(int stream)
{
	DWORD mode;

	return GetConsoleMode(console_handle(stream), &mode);
}

HANDLE console_handle(int stream)
{
	return state.streams[stream].handle ? state.streams[stream].handle : standard(stream);
}

bool console_has_colours(int stream)
{
	DWORD mode;

	return GetConsoleMode(console_handle(stream), &mode) &&
	       mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING;
}

/* How many bytes at the end are the beginning of a character, whose rest is yet to come. */
static size_t unfinished(const char *text, size_t size)
{
	for (size_t back = 1; back <= 3 && back <= size; back++) {
		unsigned char byte = (unsigned char)text[size - back];

		if ((byte & 0xc0) == 0x80)
			continue;
		return (byte & 0xe0) == 0xc0 && back < 2 ? back :
		       (byte & 0xf0) == 0xe0 && back < 3 ? back :
		       (byte & 0xf8) == 0xf0 && back < 4 ? back :
							   0;
	}
	return 0;
}

size_t console_write(HANDLE console, const char *text, size_t size)
{
	size_t done = 0;

	while (done < size) {
		wchar_t wide[BYTES];
		size_t part = size - done < BYTES ? size - done : BYTES;
		DWORD written, at = 0;
		int length;

		part -= unfinished(text + done, part);
		if (!part)
			break;
		length = MultiByteToWideChar(CP_UTF8, 0, text + done, (int)part, wide, BYTES);
		while (length > 0 && at < (DWORD)length &&
		       WriteConsoleW(console, wide + at, (DWORD)length - at, &written, NULL) &&
		       written)
			at += written;
		done += part;
	}
	return done;
}

/* Until the last end to write to is closed. */
static DWORD WINAPI show(void *unused)
{
	char bytes[BYTES];
	size_t kept = 0;
	DWORD got;

	(void)unused;
	while (ReadFile(state.read, bytes + kept, (DWORD)(sizeof bytes - kept), &got, NULL)) {
		size_t size = kept + got, taken;

		InterlockedIncrement(&state.turns);
		taken = console_write(state.shown, bytes, size);
		kept = size - taken;
		memmove(bytes, bytes + taken, kept);
		InterlockedIncrement(&state.turns);
	}
	return 0;
}

static HANDLE copy_of(HANDLE handle, BOOL inherited)
{
	HANDLE copy = NULL, self = GetCurrentProcess();

	if (!DuplicateHandle(self, handle, self, &copy, 0, inherited, DUPLICATE_SAME_ACCESS))
		return NULL;
	return copy;
}

/*
 * Puts a handle under a descriptor of the C library, which closes what was there and makes the new one the system's standard
 * handle, too: so that is set again. Programs that we start must not keep a pipe open.
 */
static void put_under(int stream, HANDLE handle, HANDLE standard_handle)
{
	int descriptor = _open_osfhandle((intptr_t)handle, _O_WRONLY | _O_BINARY);

	if (descriptor < 0)
		return;
	_dup2(descriptor, stream);
	_close(descriptor);
	SetHandleInformation((HANDLE)_get_osfhandle(stream), HANDLE_FLAG_INHERIT, 0);
	SetStdHandle(stream == 1 ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE, standard_handle);
}

/* The other way round than it was found: both are the same console, mostly, which the first had set when the second was looked
 * at. */
void console_leave(void)
{
	for (int stream = 2; stream >= 1; stream--) {
		const struct console *console = &state.streams[stream];

		if (!console->handle)
			continue;
		/* Not where sequences were understood before: then they are somebody's colours. */
		if (!(console->mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING))
			SetConsoleTextAttribute(console->handle, console->colours);
		SetConsoleMode(console->handle, console->mode);
	}
}

/*
 * Until what was written is shown, but not for long. The pipe is not looked into: PeekNamedPipe() "can block thread execution the
 * same way any I/O function can when called on a synchronous handle in a multi-threaded application" (learn.microsoft.com),
 * and our thread always waits in ReadFile() of that handle. One that waits has nothing to show. Wine lets both in.
 */
static void await_shown(void)
{
	LONG before, now = state.turns;

	for (int i = 0; i < 20; i++) {
		before = now;
		Sleep(10);
		now = state.turns;
		if (now == before && !(now & 1))
			return;
	}
}

/* Ctrl-C ends the program as ever, unless somebody else has a last word to say (ending.c), who then is asked before. */
static BOOL WINAPI on_end(DWORD event)
{
	(void)event;
	await_shown();
	console_leave();
	return FALSE;
}

static void find(int stream)
{
	struct console *console = &state.streams[stream];
	CONSOLE_SCREEN_BUFFER_INFO info;
	HANDLE handle;

	if (!GetConsoleMode(standard(stream), &console->mode))
		return;
	handle = copy_of(standard(stream), TRUE);
	if (!handle)
		return;
	console->handle = handle;
	console->colours = GetConsoleScreenBufferInfo(handle, &info) ? info.wAttributes : 7;
	SetConsoleMode(handle, console->mode | ENABLE_PROCESSED_OUTPUT |
				       ENABLE_WRAP_AT_EOL_OUTPUT |
				       ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

void console_start(void)
{
	HANDLE write;

	find(1);
	find(2);
	state.shown = state.streams[state.streams[1].handle ? 1 : 2].handle;
	if (!state.shown)
		return;
	SetConsoleCtrlHandler(on_end, TRUE);
	if (!CreatePipe(&state.read, &write, NULL, 1 << 16))
		return;
	state.thread = CreateThread(NULL, 0, show, NULL, 0, NULL);
	for (int stream = 1; state.thread && stream <= 2; stream++)
		if (state.streams[stream].handle)
			put_under(stream, copy_of(write, FALSE), state.streams[stream].handle);
	CloseHandle(write);
}

void console_end(void)
{
	if (!state.shown)
		return;
	if (state.thread) {
		fflush(stdout);
		fflush(stderr);
		for (int stream = 1; stream <= 2; stream++)
			if (state.streams[stream].handle)
				put_under(stream, copy_of(state.streams[stream].handle, FALSE),
					  state.streams[stream].handle);
		WaitForSingleObject(state.thread, INFINITE);
		CloseHandle(state.thread);
		CloseHandle(state.read);
		state.thread = NULL;
	}
	SetConsoleCtrlHandler(on_end, FALSE);
	console_leave();
	state.shown = NULL;
}
