#include "source/recording.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/windows/trace/etw_route.h"
#include "source/windows/trace/recording_by.h"
#include "source/windows/trace/session.h"
#include "source/windows/trace/watched.h"
#include "system/ending.h"
#include "system/windows/error_text.h"
#include "system/windows/wide.h"

#include <stdlib.h>
#include <wchar.h>

/*
 * A session that writes a circular file: somebody waits for what happens once a day, and what counts is what was before it. A
 * sequential file would be full by then and, without a word, take nothing more.
 *
 * The system overwrites what is at its path. So the file is made here first, new or not at all, and it is known that it can be
 * written; where the session does not come about it is removed again.
 */
struct recording {
	struct etw_route route;
	struct session session;
	wchar_t *path;
	bool is_made; /* the file, by us */
};

bool recording_is_possible(void)
{
	return true;
}

/* ---- the file ---- */

static uint64_t size_of(const wchar_t *path)
{
	WIN32_FILE_ATTRIBUTE_DATA about;

	if (!GetFileAttributesExW(path, GetFileExInfoStandard, &about))
		return 0;
	return (uint64_t)about.nFileSizeHigh << 32 | about.nFileSizeLow;
}

static int make_file(struct recording *recording, const char *path, struct error *error)
{
	wchar_t *wide = wide_of(path);
	HANDLE file;

	recording->path = memory_zeroed(SESSION_PATH, sizeof *recording->path);
	if (GetFullPathNameW(wide, SESSION_PATH, recording->path, NULL) >= SESSION_PATH) {
		free(wide);
		return error_set(error, _("cannot write to '%s': its path is too long"), path);
	}
	free(wide);
	file = CreateFileW(recording->path, GENERIC_WRITE, 0, NULL, CREATE_NEW,
			   FILE_ATTRIBUTE_NORMAL, NULL);
	if (file != INVALID_HANDLE_VALUE) {
		CloseHandle(file);
		recording->is_made = true;
		return 0;
	}
	if (GetLastError() == ERROR_FILE_EXISTS)
		return error_set(error, _("'%s' exists; give the name of a new file"), path);
	return error_set(error, _("cannot write to '%s': %s"), path,
			 error_text(GetLastError()));
}

/* ---- its life ---- */

static void discard(struct recording *recording)
{
	session_stop(&recording->session);
	if (recording->is_made && !size_of(recording->path))
		DeleteFileW(recording->path);
	free(recording->path);
	free(recording);
}

/* Wine starts a session and writes nothing. */
static int start(struct recording *recording, unsigned most_mib, struct error *error)
{
	const struct session_file file = { .path = recording->path, .most_mib = most_mib };
	struct watched watched;

	if (session_start(&recording->session, &recording->route, &file, error))
		return -1;
	if (recording->route.is_wine && !size_of(recording->path))
		return error_set(error, "%s",
				 _("event tracing is not available: Wine has its functions by "
				   "name only"));
	return watched_enable(&recording->session, false, true, &watched, error);
}

struct recording *recording_start_by(const struct etw_route *route, const char *path,
				     unsigned most_mib, struct error *error)
{
	struct recording *recording = memory_zeroed(1, sizeof *recording);

	recording->route = *route;
	if (!make_file(recording, path, error) && !start(recording, most_mib, error))
		return recording;
	discard(recording);
	return NULL;
}

struct recording *recording_start(const char *path, unsigned most_mib, struct error *error)
{
	struct etw_route route;

	if (etw_route_find(&route))
		return recording_start_by(&route, path, most_mib, error);
	error_set(error, "%s", _("event tracing is not available on this system"));
	return NULL;
}

int recording_wait(struct recording *recording, int timeout_ms, const struct ending *ending,
		   struct error *error)
{
	if (ending)
		(void)WaitForSingleObject((HANDLE)ending_handle(ending), (DWORD)timeout_ms);
	else
		Sleep((DWORD)timeout_ms);
	if (session_query(&recording->session))
		return 0;
	return error_set(error,
			 _("event tracing: somebody has ended the session; what happens "
			   "from now on is not in the file"));
}

int recording_stop(struct recording *recording, struct recording_sum *sum, struct error *error)
{
	int result = 0;

	session_stop(&recording->session);
	*sum = (struct recording_sum){
		.bytes = size_of(recording->path),
		.lost = recording->session.events_lost + recording->session.buffers_lost,
	};
	if (!sum->bytes)
		result = error_set(error, "%s",
				   _("event tracing: the system has written nothing"));
	discard(recording);
	return result;
}
