#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>
#include <ole2.h>
#include <oleauto.h>

/*
 * Numbers out of WMI, under a time limit: its service may be stopped, starting, or waiting for a provider that never
 * answers. A question is asked by a thread of its own, which is left alone when the limit has passed.
 */
struct wmi_route {
	HRESULT(WINAPI *initialize)(void *reserved, DWORD model);
	HRESULT(WINAPI *secure)
	(PSECURITY_DESCRIPTOR descriptor, LONG count, SOLE_AUTHENTICATION_SERVICE *services,
	 void *reserved, DWORD authentication, DWORD impersonation, void *list,
	 DWORD capabilities, void *more);
	HRESULT(WINAPI *create)
	(REFCLSID kind, IUnknown *outer, DWORD context, REFIID id, void **made);
	HRESULT(WINAPI *set_blanket)
	(IUnknown *proxy, DWORD authentication, DWORD authorization, OLECHAR *principal,
	 DWORD level, DWORD impersonation, void *identity, DWORD capabilities);
	void(WINAPI *uninitialize)(void);
	BSTR(WINAPI *make_string)(const OLECHAR *text);
	void(WINAPI *free_string)(BSTR text);
	HRESULT(WINAPI *clear)(VARIANTARG *value);
};

/* false: this Windows has it not. */
bool wmi_route_find(struct wmi_route *route);

enum { WMI_COLUMNS = 4, WMI_TABLES = 2, WMI_ROWS_MOST = 200000, WMI_TEXT = 64 };

/* All text must outlive the program: the thread may go on. */
struct wmi_query {
	const wchar_t *text; /* "SELECT * FROM MSFT_NetTCPSetting" */
	const wchar_t
		*columns[WMI_COLUMNS]; /* properties that are numbers; NULL behind the last */
	const wchar_t *text_column;    /* one that is text; NULL: none is wanted */
};

struct wmi_table {
	int64_t (*rows)[WMI_COLUMNS]; /* -1: it has no value, or there is no such property */
	char (*texts)[WMI_TEXT];      /* of each row, cut; NULL: none was wanted */
	size_t count, capacity;
};

struct wmi_job;

/* Begins; at most WMI_TABLES queries, ended by one without text. NULL: no thread could be had. */
struct wmi_job *wmi_ask(const struct wmi_route *route, const wchar_t *space,
			const struct wmi_query *queries);

/* Waits so long from now. 0 and a table for each query, to be freed by wmi_tables_free(); -1 with a sentence. `milliseconds`: what it took. The job is gone
 * then. */
int wmi_answer(struct wmi_job *job, unsigned limit_ms, struct wmi_table *tables,
	       double *milliseconds, struct error *error);
void wmi_tables_free(struct wmi_table *tables);
