#pragma once

#include <stdbool.h>
#include <windows.h>
#include <winevt.h>

/*
 * The event log of Windows since Vista. It answers a query by batches of handles, each of which is rendered as XML; a query's
 * handles are of use to the thread only that made it (learn.microsoft.com, "EvtQuery function").
 */
struct wevtapi_route {
	__typeof__(EvtQuery) *query;
	__typeof__(EvtNext) *next;
	__typeof__(EvtRender) *render;
	__typeof__(EvtClose) *close;
};

/* false: this Windows does not have it. */
bool wevtapi_find(struct wevtapi_route *route);
