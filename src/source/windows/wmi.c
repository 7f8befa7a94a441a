#define COBJMACROS /* the interfaces of wbemcli.h by name */
#include "source/windows/wmi.h"

#include "base/arena.h"
#include "base/language.h"
#include "system/clock.h"
#include "system/windows/library.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <wbemcli.h>

/* As wbemcli.h has them; their library is not linked. */
static const GUID locator_class = {
	0x4590f811, 0x1d3a, 0x11d0, { 0x89, 0x1f, 0x00, 0xaa, 0x00, 0x4b, 0x2e, 0x24 }
};
static const GUID locator_interface = {
	0xdc12a687, 0x737f, 0x11cf, { 0x88, 0x4d, 0x00, 0xaa, 0x00, 0x4b, 0x2e, 0x24 }
};

bool wmi_route_find(struct wmi_route *route)
{
	return library_find(route->initialize, "ole32.dll", "CoInitializeEx") &&
	       library_find(route->secure, "ole32.dll", "CoInitializeSecurity") &&
	       library_find(route->create, "ole32.dll", "CoCreateInstance") &&
	       library_find(route->set_blanket, "ole32.dll", "CoSetProxyBlanket") &&
	       library_find(route->uninitialize, "ole32.dll", "CoUninitialize") &&
	       library_find(route->make_string, "oleaut32.dll", "SysAllocString") &&
	       library_find(route->free_string, "oleaut32.dll", "SysFreeString") &&
	       library_find(route->clear, "oleaut32.dll", "VariantClear");
}

/* Whoever lets go of it last frees it: the front, or a thread that comes late. */
struct wmi_job {
	struct wmi_route route;
	const wchar_t *space;
	struct wmi_query queries[WMI_TABLES];
	struct wmi_table tables[WMI_TABLES];
	HRESULT result;
	double started, took_ms;
	HANDLE thread;
	LONG holders;
};

static void let_go(struct wmi_job *job)
{
	if (InterlockedDecrement(&job->holders))
		return;
	wmi_tables_free(job->tables);
	free(job);
}

/* ---- the thread ---- */

static int64_t number_of(const VARIANTARG *value)
{
	switch (value->vt) {
	case VT_UI1:
		return value->bVal;
	case VT_I2: /* how WMI hands over no more than 16 bits */
		return (uint16_t)value->iVal;
	case VT_UI2:
		return value->uiVal;
	case VT_I4: /* and no more than 32, and uint16 */
		return (uint32_t)value->lVal;
	case VT_UI4:
		return value->ulVal;
	default:
		return -1;
	}
}

static void take_text(struct wmi_job *job, struct wmi_table *table, const wchar_t *column,
		      IWbemClassObject *object)
{
	VARIANT value = { .vt = VT_EMPTY };
	char *text = NULL;

	table->texts = memory_resize(table->texts, table->capacity, sizeof *table->texts);
	if (SUCCEEDED(IWbemClassObject_Get(object, column, 0, &value, NULL, NULL))) {
		if (value.vt == VT_BSTR && value.bstrVal)
			text = wide_to_text(value.bstrVal);
		job->route.clear(&value);
	}
	snprintf(table->texts[table->count], WMI_TEXT, "%s", text ? text : "");
	free(text);
}

static void take_row(struct wmi_job *job, struct wmi_table *table,
		     const struct wmi_query *query, IWbemClassObject *object)
{
	array_reserve(table->rows, table->count, table->capacity);
	for (int i = 0; i < WMI_COLUMNS; i++) {
		VARIANT value = { .vt = VT_EMPTY };

		table->rows[table->count][i] = -1;
		if (!query->columns[i] ||
		    FAILED(IWbemClassObject_Get(object, query->columns[i], 0, &value, NULL,
						NULL)))
			continue;
		table->rows[table->count][i] = number_of(&value);
		job->route.clear(&value);
	}
	if (query->text_column)
		take_text(job, table, query->text_column, object);
	table->count++;
}

static HRESULT read_rows(struct wmi_job *job, struct wmi_table *table,
			 const struct wmi_query *query, IEnumWbemClassObject *rows)
{
	IWbemClassObject *object;
	HRESULT result;
	ULONG got;

	while ((result = IEnumWbemClassObject_Next(rows, WBEM_INFINITE, 1, &object, &got)) ==
		       WBEM_S_NO_ERROR &&
	       got) {
		if (table->count < WMI_ROWS_MOST)
			take_row(job, table, query, object);
		IWbemClassObject_Release(object);
		if (table->count == WMI_ROWS_MOST)
			return WBEM_E_OUT_OF_MEMORY; /* a part would be told as all */
	}
	return FAILED(result) ? result : S_OK;
}

static HRESULT ask(struct wmi_job *job, IWbemServices *services, int index)
{
	const struct wmi_query *query = &job->queries[index];
	BSTR language = job->route.make_string(L"WQL"),
	     text = job->route.make_string(query->text);
	IEnumWbemClassObject *rows = NULL;
	HRESULT result = IWbemServices_ExecQuery(
		services, language, text,
		WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &rows);

	if (SUCCEEDED(result)) {
		result = read_rows(job, &job->tables[index], query, rows);
		IEnumWbemClassObject_Release(rows);
	}
	job->route.free_string(language);
	job->route.free_string(text);
	return result;
}

/* What WMI's own examples set: learn.microsoft.com, "Setting the security on IWbemServices". */
static HRESULT ask_all(struct wmi_job *job, IWbemServices *services)
{
	HRESULT result = job->route.set_blanket((IUnknown *)services, RPC_C_AUTHN_WINNT,
						RPC_C_AUTHZ_NONE, NULL, RPC_C_AUTHN_LEVEL_CALL,
						RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE);

	for (int i = 0; SUCCEEDED(result) && i < WMI_TABLES && job->queries[i].text; i++)
		result = ask(job, services, i);
	return result;
}

static HRESULT connect_and_ask(struct wmi_job *job)
{
	IWbemLocator *locator = NULL;
	IWbemServices *services = NULL;
	BSTR space = job->route.make_string(job->space);
	HRESULT result = job->route.create(&locator_class, NULL, CLSCTX_INPROC_SERVER,
					   &locator_interface, (void **)&locator);

	if (SUCCEEDED(result)) {
		result = IWbemLocator_ConnectServer(locator, space, NULL, NULL, NULL,
						    WBEM_FLAG_CONNECT_USE_MAX_WAIT, NULL, NULL,
						    &services);
		IWbemLocator_Release(locator);
	}
	if (SUCCEEDED(result)) {
		result = ask_all(job, services);
		IWbemServices_Release(services);
	}
	job->route.free_string(space);
	return result;
}

static DWORD WINAPI work(void *opaque)
{
	struct wmi_job *job = opaque;
	HRESULT result = job->route.initialize(NULL, COINIT_MULTITHREADED);

	if (SUCCEEDED(result)) {
		/* Once for the process; whoever came first may have said something else. */
		(void)job->route.secure(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_DEFAULT,
					RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE, NULL);
		result = connect_and_ask(job);
		job->route.uninitialize();
	}
	job->result = result;
	job->took_ms = (clock_monotonic_s() - job->started) * 1e3;
	let_go(job);
	return 0;
}

/* ---- the front ---- */

struct wmi_job *wmi_ask(const struct wmi_route *route, const wchar_t *space,
			const struct wmi_query *queries)
{
	struct wmi_job *job = memory_zeroed(1, sizeof *job);

	job->route = *route;
	job->space = space;
	for (int i = 0; i < WMI_TABLES && queries[i].text; i++)
		job->queries[i] = queries[i];
	job->started = clock_monotonic_s();
	job->holders = 2;
	job->thread = CreateThread(NULL, 0, work, job, 0, NULL);
	if (job->thread)
		return job;
	free(job);
	return NULL;
}

static int refuse(HRESULT result, struct error *error)
{
	switch ((unsigned long)result) {
	case 0x8004100e: /* WBEM_E_INVALID_NAMESPACE */
	case 0x80041010: /* WBEM_E_INVALID_CLASS */
		return error_set(error, _("this Windows does not tell it by WMI"));
	case 0x80041003: /* WBEM_E_ACCESS_DENIED */
	case 0x80070005: /* E_ACCESSDENIED */
		return error_set(error, _("WMI denied access"));
	default:
		return error_set(error, _("WMI failed (0x%08lx)"), (unsigned long)result);
	}
}

int wmi_answer(struct wmi_job *job, unsigned limit_ms, struct wmi_table *tables,
	       double *milliseconds, struct error *error)
{
	bool in_time = WaitForSingleObject(job->thread, limit_ms) == WAIT_OBJECT_0;
	int result = -1;

	CloseHandle(job->thread);
	*milliseconds = in_time ? job->took_ms : (clock_monotonic_s() - job->started) * 1e3;
	if (!in_time) {
		error_set(error, _("WMI gave no answer within %u s"), limit_ms / 1000);
	} else if (FAILED(job->result)) {
		refuse(job->result, error);
	} else {
		result = 0;
		for (int i = 0; i < WMI_TABLES; i++) {
			tables[i] = job->tables[i];
			job->tables[i] = (struct wmi_table){ .count = 0 };
		}
	}
	let_go(job);
	return result;
}

void wmi_tables_free(struct wmi_table *tables)
{
	for (int i = 0; i < WMI_TABLES; i++) {
		free(tables[i].rows);
		free(tables[i].texts);
		tables[i] = (struct wmi_table){ .count = 0 };
	}
}
