#pragma once

#include "source/windows/log/wevtapi.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * An event log that is made of functions of ours: what it has, how it fails, and what it was asked.
 */
enum { FAKE_EVENTS = 8 };

struct fake_log {
	const wchar_t *events[FAKE_EVENTS]; /* the oldest first */
	size_t count;
	bool refuses; /* EvtQuery has no answer, with this error */
	DWORD refusal;
	bool breaks; /* EvtNext fails behind so many events, with this error */
	size_t breaks_at;
	DWORD break_error;
	bool endless;	    /* behind the last the first comes again */
	DWORD batch;	    /* it claims to have returned so many; 0: as many as it has */
	unsigned growing;   /* EvtRender wants more room so many times */
	bool never_renders; /* and then fails */
	HANDLE until;	    /* EvtQuery returns when this is set; NULL: at once */

	/* what it was asked, and whether all was given back */
	unsigned queries, batches, renderings;
	long open;	     /* handles */
	volatile long ended; /* queries */
	wchar_t path[260], xpath[2048];
};

extern struct fake_log fake_log;

/* An empty log that answers. */
const struct wevtapi_route *fake_log_begin(void);

/* One more event, as Windows writes it. */
void fake_log_add(const wchar_t *xml);

#define FAKE_EVENT(provider, id, number, time, data)                                                                                                                                                                              \
	L"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"                                                                                                                                          \
	L"<Provider Name='" provider L"'/><EventID Qualifiers='32768'>" id L"</EventID><TimeCreated SystemTime='" time L"'/><EventRecordID>" number L"</EventRecordID><Channel>System</Channel><Computer>W10</Computer></System>" \
	L"<EventData><Data>" data L"</Data></EventData></Event>"
