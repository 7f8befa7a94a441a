#include "fake_log.h"

#include <stdlib.h>
#include <string.h>

struct fake_log fake_log;

/* Of a query: where it stands. Of an event: its text. */
struct fake_handle {
	size_t at;
	bool newest_first;
	const wchar_t *xml;
};

static EVT_HANDLE make(struct fake_handle handle)
{
	struct fake_handle *made = malloc(sizeof *made);

	*made = handle;
	InterlockedIncrement(&fake_log.open);
	return made;
}

static EVT_HANDLE WINAPI query(EVT_HANDLE session, LPCWSTR path, LPCWSTR xpath, DWORD flags)
{
	(void)session;
	if (fake_log.until)
		WaitForSingleObject(fake_log.until, INFINITE);
	fake_log.queries++;
	lstrcpynW(fake_log.path, path, 260);
	lstrcpynW(fake_log.xpath, xpath, 2048);
	if (fake_log.refuses) {
		SetLastError(fake_log.refusal);
		return NULL;
	}
	return make((struct fake_handle){ .newest_first = flags & EvtQueryReverseDirection });
}

static WINBOOL WINAPI next(EVT_HANDLE results, DWORD most, EVT_HANDLE *events,
			   DWORD timeout_ms, DWORD flags, DWORD *returned)
{
	struct fake_handle *from = results;

	(void)timeout_ms, (void)flags;
	fake_log.batches++;
	*returned = 0;
	while (*returned < most) {
		if (fake_log.breaks && from->at == fake_log.breaks_at)
			break;
		if (from->at == fake_log.count && fake_log.endless)
			from->at = 0;
		if (from->at == fake_log.count)
			break;
		events[(*returned)++] = make((struct fake_handle){
			.xml = fake_log.events[from->newest_first ?
						       fake_log.count - 1 - from->at :
						       from->at],
		});
		from->at++;
	}
	if (fake_log.batch)
		*returned = fake_log.batch;
	if (*returned)
		return TRUE;
	SetLastError(from->at < fake_log.count ? fake_log.break_error : ERROR_NO_MORE_ITEMS);
	return FALSE;
}

static WINBOOL WINAPI render(EVT_HANDLE context, EVT_HANDLE event, DWORD flags, DWORD size,
			     void *buffer, DWORD *used, DWORD *properties)
{
	const wchar_t *xml = ((struct fake_handle *)event)->xml;
	DWORD bytes = (DWORD)((wcslen(xml) + 1) * sizeof *xml);

	(void)context, (void)flags;
	fake_log.renderings++;
	*properties = 0;
	*used = fake_log.growing ? size + 2 : bytes;
	if (fake_log.growing || bytes > size || fake_log.never_renders) {
		fake_log.growing -= fake_log.growing > 0;
		SetLastError(fake_log.never_renders && !fake_log.growing ?
				     ERROR_INVALID_DATA :
				     ERROR_INSUFFICIENT_BUFFER);
		return FALSE;
	}
	memcpy(buffer, xml, bytes);
	return TRUE;
}

static WINBOOL WINAPI close(EVT_HANDLE handle)
{
	bool is_query = !((struct fake_handle *)handle)->xml;

	InterlockedDecrement(&fake_log.open);
	free(handle);
	if (is_query)
		InterlockedIncrement(&fake_log.ended);
	return TRUE;
}

const struct wevtapi_route *fake_log_begin(void)
{
	static const struct wevtapi_route route = { query, next, render, close };

	fake_log = (struct fake_log){ 0 };
	return &route;
}

void fake_log_add(const wchar_t *xml)
{
	fake_log.events[fake_log.count++] = xml;
}
