#include "source/evidence/event_records.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/artefact.h"
#include "source/windows/log/event_query.h"
#include "source/windows/log/wevtapi.h"
#include "source/windows/relay.h"
#include "system/windows/wide.h"

#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

/* A log of the largest size that Windows makes by default, 20 MiB, has some ten thousands. */
enum { MOST_RECORDS = 1 << 24 };

/* Without an answer; the service itself may take ten seconds for a batch: event_query.c. */
enum { LONGEST_MS = 15 * 1000 };

/*
 * The whole path, as EvtQuery needs it (learn.microsoft.com, "Event Selection"): it is the service that opens the file, whose
 * folder is another, and who knows nothing of the prefix that lifts the limit on its length.
 */
static wchar_t *path_of(int file)
{
	static const wchar_t prefix[] = L"\\\\?\\", share[] = L"\\\\?\\UNC\\";
	HANDLE handle = (HANDLE)_get_osfhandle(file);
	DWORD length = GetFinalPathNameByHandleW(handle, NULL, 0, FILE_NAME_NORMALIZED);
	wchar_t *path = memory_zeroed((size_t)length + 1, sizeof *path);

	if (!length ||
	    !GetFinalPathNameByHandleW(handle, path, length + 1, FILE_NAME_NORMALIZED)) {
		free(path);
		return NULL;
	}
	if (!wcsncmp(path, share, wcslen(share))) /* "\\server\share\..." */
		wmemmove(path + 2, path + wcslen(share), wcslen(path) - wcslen(share) + 1);
	else if (!wcsncmp(path, prefix, wcslen(prefix)))
		wmemmove(path, path + wcslen(prefix), wcslen(path) - wcslen(prefix) + 1);
	return path;
}

/* Of its head: whether it was not closed when it was copied (libyal, "Windows XML Event Log (EVTX) format", file header). */
static void feed_log(const struct artefact_input *input,
		     void (*feed)(void *context, const char *xml, size_t size), void *context)
{
	enum { FLAGS_AT = 0x78, DIRTY = 1 };
	bool dirty = input->size > FLAGS_AT && input->bytes[FLAGS_AT] & DIRTY;
	char xml[32];
	int length = snprintf(xml, sizeof xml, "<Log dirty=\"%d\"/>", dirty);

	feed(context, xml, (size_t)length);
}

static int conclude(const struct event_answer *answer, struct error *error)
{
	if (answer->end == QUERY_WHOLE)
		return 0;
	if (answer->end == QUERY_MOST)
		return error_set(error, "%s", _("it has more records than any log"));
	return error_set(error, "%s", event_query_why(answer, true));
}

/* What the thread works with. */
struct task {
	struct wevtapi_route route;
	wchar_t *path;
	struct relay *relay;
	struct event_answer answer;
};

static bool put(void *context, const char *xml, size_t size)
{
	struct task *task = context;

	return relay_put(task->relay, xml, size);
}

static void work(void *context, struct relay *relay)
{
	struct task *task = context;
	const struct event_query query = {
		.path = task->path,
		.is_file = true,
		.xpath = L"*",
		.most = MOST_RECORDS,
		.feed = put,
		.context = task,
	};

	task->relay = relay;
	event_query_run(&task->route, &query, &task->answer);
}

static void release(void *context)
{
	struct task *task = context;

	free(task->path);
	free(task);
}

/* A share whose machine is gone, or the service, may hang for ever. */
static struct event_answer take_all(struct relay *relay, struct task *task,
				    void (*feed)(void *context, const char *xml, size_t size),
				    void *context)
{
	struct event_answer answer = { .end = QUERY_LATE, .error = ERROR_TIMEOUT };
	enum relay_news news;
	const char *xml;
	size_t size;

	while ((news = relay_next(relay, LONGEST_MS, &xml, &size)) == RELAY_PIECE)
		feed(context, xml, size);
	if (news == RELAY_END)
		answer = task->answer;
	relay_end(relay);
	return answer;
}

int event_records_read(const struct artefact_input *input, int fd,
		       void (*feed)(void *context, const char *xml, size_t size),
		       void *context, uint64_t *unread, struct error *error)
{
	struct task *task = memory_zeroed(1, sizeof *task);
	struct event_answer answer;
	struct relay *relay;

	if (!wevtapi_find(&task->route)) {
		release(task);
		return error_set(error, "%s", _("the event log of Windows is not available"));
	}
	task->path = path_of(fd);
	if (!task->path) {
		release(task);
		return error_set(error, "%s", _("where the file lies cannot be told"));
	}
	relay = relay_begin(work, release, task);
	if (!relay) {
		release(task);
		return error_set(error, "%s", _("no thread can be started"));
	}
	feed_log(input, feed, context);
	answer = take_all(relay, task, feed, context);
	*unread = answer.unread;
	return conclude(&answer, error);
}
