#include "fake_wmi.h"

#include <stdlib.h>
#include <string.h>
#include <wbemcli.h>

static struct fake_wmi now;
static HANDLE goes_on;
static LONG objects;

enum kind {
	TCP_SETTING,
	UDP_SETTING,
	CONNECTION,
};

/* One object serves as each interface: what is asked of it tells which it is. */
struct object {
	const void *table;
	enum kind kind;
	size_t row;
};

static ULONG STDMETHODCALLTYPE release(void *object)
{
	InterlockedDecrement(&objects);
	free(object);
	return 0;
}

static struct object *object_of(const void *table, enum kind kind, size_t row)
{
	struct object *object = malloc(sizeof *object);

	*object = (struct object){ table, kind, row };
	InterlockedIncrement(&objects);
	return object;
}

/* ---- a row ---- */

static const wchar_t *const columns[][WMI_COLUMNS] = {
	[TCP_SETTING] = { L"DynamicPortRangeStartPort", L"DynamicPortRangeNumberOfPorts",
			  L"AutoReusePortRangeStartPort", L"AutoReusePortRangeNumberOfPorts" },
	[UDP_SETTING] = { L"DynamicPortRangeStartPort", L"DynamicPortRangeNumberOfPorts" },
	[CONNECTION] = { L"LocalPort", L"State", L"OwningProcess" },
};

static const int64_t *numbers_of(const struct object *row)
{
	return row->kind == CONNECTION	? now.connections[row->row] :
	       row->kind == UDP_SETTING ? now.udp[row->row] :
					  now.tcp[row->row];
}

static HRESULT get_address(const struct object *row, VARIANT *value)
{
	const wchar_t *address = now.addresses[row->row];

	value->vt = address ? VT_BSTR : VT_NULL;
	if (address)
		value->bstrVal = _wcsdup(address);
	return S_OK;
}

static HRESULT STDMETHODCALLTYPE get(IWbemClassObject *object, LPCWSTR name, LONG flags,
				     VARIANT *value, CIMTYPE *type, LONG *origin)
{
	const struct object *row = (const struct object *)object;

	(void)flags;
	(void)type;
	(void)origin;
	if (row->kind == CONNECTION && !wcscmp(name, L"LocalAddress"))
		return get_address(row, value);
	for (int i = 0; i < WMI_COLUMNS && columns[row->kind][i]; i++) {
		int64_t number = numbers_of(row)[i];

		if (wcscmp(columns[row->kind][i], name))
			continue;
		value->vt = number < 0 ? VT_NULL : now.type;
		if (number >= 0 && now.type == VT_BSTR)
			value->bstrVal = _wcsdup(L"49152");
		else if (number >= 0)
			value->lVal = (LONG)number;
		return S_OK;
	}
	return (HRESULT)0x80041002; /* WBEM_E_NOT_FOUND */
}

static const IWbemClassObjectVtbl row_table = { .Release = (void *)release, .Get = get };

/* ---- rows ---- */

static size_t rows_of(enum kind kind)
{
	return kind == CONNECTION  ? now.connection_count :
	       kind == UDP_SETTING ? now.udp_count :
				     now.tcp_count;
}

static HRESULT STDMETHODCALLTYPE next(IEnumWbemClassObject *object, LONG timeout, ULONG most,
				      IWbemClassObject **rows, ULONG *got)
{
	struct object *list = (struct object *)object;

	(void)timeout;
	(void)most;
	*got = list->row < rows_of(list->kind);
	if (!*got)
		return now.ends;
	rows[0] = (IWbemClassObject *)object_of(&row_table, list->kind, list->row++);
	return S_OK;
}

static const IEnumWbemClassObjectVtbl list_table = { .Release = (void *)release,
						     .Next = next };

/* ---- the service ---- */

static enum kind kind_of(const wchar_t *query)
{
	return wcsstr(query, L"MSFT_NetTCPConnection") ? CONNECTION :
	       wcsstr(query, L"MSFT_NetUDPSetting")    ? UDP_SETTING :
							 TCP_SETTING;
}

static HRESULT STDMETHODCALLTYPE ask(IWbemServices *services, const BSTR language,
				     const BSTR query, LONG flags, IWbemContext *context,
				     IEnumWbemClassObject **rows)
{
	(void)services;
	(void)language;
	(void)flags;
	(void)context;
	if (FAILED(now.asks))
		return now.asks;
	*rows = (IEnumWbemClassObject *)object_of(&list_table, kind_of(query), 0);
	return S_OK;
}

static const IWbemServicesVtbl services_table = { .Release = (void *)release,
						  .ExecQuery = ask };

static HRESULT STDMETHODCALLTYPE connect_to(IWbemLocator *locator, const BSTR space,
					    const BSTR user, const BSTR password,
					    const BSTR locale, LONG flags,
					    const BSTR authority, IWbemContext *context,
					    IWbemServices **services)
{
	(void)locator;
	(void)space;
	(void)user;
	(void)password;
	(void)locale;
	(void)flags;
	(void)authority;
	(void)context;
	if (now.hangs)
		WaitForSingleObject(goes_on, INFINITE);
	if (FAILED(now.connects))
		return now.connects;
	*services = (IWbemServices *)object_of(&services_table, TCP_SETTING, 0);
	return S_OK;
}

static const IWbemLocatorVtbl locator_table = { .Release = (void *)release,
						.ConnectServer = connect_to };

/* ---- the route ---- */

static HRESULT WINAPI initialize(void *reserved, DWORD model)
{
	(void)reserved;
	(void)model;
	return S_OK;
}

static HRESULT WINAPI secure(PSECURITY_DESCRIPTOR descriptor, LONG count,
			     SOLE_AUTHENTICATION_SERVICE *services, void *reserved,
			     DWORD authentication, DWORD impersonation, void *list,
			     DWORD capabilities, void *more)
{
	(void)descriptor;
	(void)count;
	(void)services;
	(void)reserved;
	(void)authentication;
	(void)impersonation;
	(void)list;
	(void)capabilities;
	(void)more;
	return RPC_E_TOO_LATE;
}

static HRESULT WINAPI create(REFCLSID class, IUnknown *outer, DWORD context, REFIID id,
			     void **made)
{
	(void)class;
	(void)outer;
	(void)context;
	(void)id;
	*made = object_of(&locator_table, TCP_SETTING, 0);
	return S_OK;
}

static HRESULT WINAPI set_blanket(IUnknown *proxy, DWORD authentication, DWORD authorization,
				  OLECHAR *principal, DWORD level, DWORD impersonation,
				  void *identity, DWORD capabilities)
{
	(void)proxy;
	(void)authentication;
	(void)authorization;
	(void)principal;
	(void)level;
	(void)impersonation;
	(void)identity;
	(void)capabilities;
	return S_OK;
}

static void WINAPI uninitialize(void)
{
}

static BSTR WINAPI make_string(const OLECHAR *text)
{
	return _wcsdup(text);
}

static void WINAPI free_string(BSTR text)
{
	free(text);
}

static HRESULT WINAPI clear(VARIANTARG *value)
{
	if (value->vt == VT_BSTR && value->bstrVal)
		free(value->bstrVal);
	value->vt = VT_EMPTY;
	return S_OK;
}

struct wmi_route fake_wmi_begin(const struct fake_wmi *fake)
{
	now = *fake;
	goes_on = CreateEventW(NULL, TRUE, FALSE, NULL);
	return (struct wmi_route){
		.initialize = initialize,
		.secure = secure,
		.create = create,
		.set_blanket = set_blanket,
		.uninitialize = uninitialize,
		.make_string = make_string,
		.free_string = free_string,
		.clear = clear,
	};
}

int fake_wmi_end(void)
{
	SetEvent(goes_on);
	for (int waited = 0; objects && waited < 5000; waited += 5)
		Sleep(5);
	return (int)objects;
}
