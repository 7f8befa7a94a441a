#include "source/windows/range/netsh_command.h"

#include "base/language.h"
#include "system/windows/child.h"
#include "system/windows/error_text.h"
#include "system/windows/wide.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* Some tens of milliseconds are usual; several run at the same time, and netsh_ask() has a second go. */
enum { LIMIT_MS = 5000 };

static bool find_program(wchar_t path[MAX_PATH + 16])
{
	UINT length = GetSystemDirectoryW(path, MAX_PATH);

	if (!length || length >= MAX_PATH)
		return false;
	wcscpy(path + length, L"\\netsh.exe");
	return true;
}

static wchar_t *command_line(const struct netsh_call *call)
{
	char text[sizeof call->arguments + 16] = "netsh ";

	strcat(text, call->arguments);
	return wide_of(text);
}

static void take(struct netsh_call *call, const struct child *child)
{
	static const enum netsh_end ends[] = {
		[CHILD_NOT_STARTED] = NETSH_NOT_STARTED,
		[CHILD_ENDED] = NETSH_ENDED,
		[CHILD_STOPPED] = NETSH_HUNG,
	};

	call->end = ends[child->end];
	call->status = child->status;
	call->output = child->output;
	call->size = child->size;
}

static void run(const struct netsh *netsh, struct netsh_call *calls, size_t count)
{
	struct child *children = memory_zeroed(count, sizeof *children);
	wchar_t path[MAX_PATH + 16] = L"netsh.exe";

	(void)netsh;
	if (!find_program(path))
		path[0] = L'\0'; /* is not found, and that is told */
	for (size_t i = 0; i < count; i++)
		children[i] =
			(struct child){ .program = path, .command = command_line(&calls[i]) };
	child_run(children, count, LIMIT_MS);
	for (size_t i = 0; i < count; i++) {
		take(&calls[i], &children[i]);
		free(children[i].command);
	}
	free(children);
}

const struct netsh netsh_of_system = { .run = run };

void netsh_ask(const struct netsh *netsh, struct netsh_call *calls, size_t count)
{
	netsh->run(netsh, calls, count);
	if (count < 2)
		return;
	for (size_t i = 0; i < count; i++) {
		if (calls[i].end == NETSH_ENDED)
			continue;
		netsh_free(&calls[i], 1);
		netsh->run(netsh, &calls[i], 1);
		if (calls[i].end != NETSH_ENDED)
			return;
	}
}

void netsh_tell(const struct netsh *netsh, struct netsh_call *call)
{
	netsh->run(netsh, call, 1);
	if (call->end != NETSH_NOT_STARTED)
		return;
	netsh_free(call, 1);
	netsh->run(netsh, call, 1);
}

void netsh_free(struct netsh_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(calls[i].output);
		calls[i].output = NULL;
	}
}

/* ---- what it said ---- */

static const char *first_line(const char *output, size_t *length)
{
	output += strspn(output, " \t\r\n");
	*length = strcspn(output, "\r\n");
	return output;
}

/* A pipe gets what the console would, in its code page: that of netsh's own console, which has no window (child.c) and so
 * never the page that somebody has chosen for ours by chcp. */
static char *to_utf8(const char *text, size_t length)
{
	const UINT page = CP_OEMCP;
	int wanted = MultiByteToWideChar(page, 0, text, (int)length, NULL, 0);
	wchar_t *wide = memory_zeroed((size_t)wanted + 1, sizeof *wide);
	char *utf8;

	MultiByteToWideChar(page, 0, text, (int)length, wide, wanted);
	utf8 = wide_to_text(wide);
	free(wide);
	return utf8;
}

const char *netsh_words(const struct netsh_call *call, struct arena *arena)
{
	enum { LONGEST = 200 };
	size_t length;
	const char *line = first_line(call->output ? call->output : "", &length);
	char *utf8;
	const char *words;

	if (!length)
		return NULL;
	utf8 = to_utf8(line, length < LONGEST ? length : LONGEST);
	words = arena_copy(arena, utf8);
	free(utf8);
	return words;
}

const char *netsh_why(const struct netsh_call *call, struct arena *arena)
{
	const char *words = netsh_words(call, arena);

	if (call->end == NETSH_NOT_STARTED)
		return arena_print(arena, _("netsh could not be started: %s"),
				   error_text(call->status));
	if (call->end == NETSH_HUNG)
		return arena_print(arena, _("netsh gave no answer within %d s and was ended"),
				   LIMIT_MS / 1000);
	if (words && call->status)
		return arena_print(arena, _("netsh ended with status %lu and said: %s"),
				   call->status, words);
	if (call->status)
		return arena_print(arena, _("netsh ended with status %lu and said nothing"),
				   call->status);
	return words ? arena_print(arena, _("netsh said: %s"), words) :
		       _("netsh said nothing");
}
