#include "source/windows/services/services_route.h"

#include "base/arena.h"
#include "source/services.h"
#include "suite.h"

#include <string.h>
#include <wchar.h>

/* The registry, as these tests have it: values and keys, by root, key and name. */
struct entry {
	HKEY root;
	const WCHAR *key, *name; /* name NULL: a key below that one, `text` */
	const WCHAR *text;
	DWORD number; /* if text is NULL */
};

static const struct entry *entries;
static size_t entry_count;
static bool registry_denied;
static unsigned open_keys;

static LSTATUS WINAPI value(HKEY root, const WCHAR *key, const WCHAR *name, DWORD flags,
			    DWORD *type, void *bytes, DWORD *size)
{
	(void)type;
	for (size_t i = 0; i < entry_count; i++) {
		const struct entry *entry = &entries[i];
		DWORD needed =
			entry->text ? (DWORD)((wcslen(entry->text) + 1) * 2) : sizeof(DWORD);

		if (!entry->name || entry->root != root || wcscmp(entry->key, key) != 0 ||
		    wcscmp(entry->name, name) != 0)
			continue;
		if (registry_denied)
			return ERROR_ACCESS_DENIED;
		if (!(flags & (entry->text ? RRF_RT_REG_SZ : RRF_RT_REG_DWORD)))
			return ERROR_UNSUPPORTED_TYPE;
		if (needed > *size)
			return ERROR_MORE_DATA;
		memcpy(bytes, entry->text ? (const void *)entry->text : &entry->number,
		       needed);
		*size = needed;
		return ERROR_SUCCESS;
	}
	return ERROR_FILE_NOT_FOUND;
}

/* A handle is the index of the first entry of the key, plus one. */
static LSTATUS WINAPI open_key(HKEY root, const WCHAR *key, DWORD options, REGSAM access,
			       HKEY *opened)
{
	(void)options;
	assert_int_equal(access, KEY_ENUMERATE_SUB_KEYS);
	for (size_t i = 0; i < entry_count && !registry_denied; i++)
		if (!entries[i].name && entries[i].root == root &&
		    !wcscmp(entries[i].key, key)) {
			*opened = (HKEY)(i + 1);
			open_keys++;
			return ERROR_SUCCESS;
		}
	return registry_denied ? ERROR_ACCESS_DENIED : ERROR_FILE_NOT_FOUND;
}

static LSTATUS WINAPI each_key(HKEY key, DWORD index, WCHAR *name, DWORD *length,
			       DWORD *reserved, WCHAR *class, DWORD *class_length,
			       FILETIME *written)
{
	const struct entry *first = &entries[(size_t)key - 1];

	(void)reserved;
	(void)class;
	(void)class_length;
	(void)written;
	for (size_t i = (size_t)key - 1; i < entry_count; i++) {
		if (entries[i].name || wcscmp(entries[i].key, first->key) != 0 || index--)
			continue;
		assert_true(wcslen(entries[i].text) < *length);
		wcscpy(name, entries[i].text);
		return ERROR_SUCCESS;
	}
	return ERROR_NO_MORE_ITEMS;
}

static LSTATUS WINAPI close_key(HKEY key)
{
	(void)key;
	open_keys--;
	return ERROR_SUCCESS;
}

/* ---- the domain ---- */

static NETSETUP_JOIN_STATUS joined;
static DWORD join_fails, controller_fails, controller_hangs_ms;
static LONG buffers;

static NET_API_STATUS WINAPI join_information(LPCWSTR server, LPWSTR *name,
					      NETSETUP_JOIN_STATUS *status)
{
	static WCHAR domain[] = L"CORP";

	(void)server;
	if (join_fails)
		return join_fails;
	*name = domain;
	*status = joined;
	InterlockedIncrement(&buffers);
	return 0;
}

static DWORD WINAPI controller(LPCWSTR computer, LPCWSTR domain, GUID *guid, LPCWSTR site,
			       ULONG flags, DOMAIN_CONTROLLER_INFOW **info)
{
	static WCHAR name[] = L"\\\\dc01.corp.example";
	static DOMAIN_CONTROLLER_INFOW told = { .DomainControllerName = name };

	(void)computer;
	(void)domain;
	(void)guid;
	(void)site;
	assert_true(flags & DS_RETURN_DNS_NAME);
	Sleep(controller_hangs_ms);
	if (controller_fails)
		return controller_fails;
	*info = &told;
	InterlockedIncrement(&buffers);
	return 0;
}

static NET_API_STATUS WINAPI free_buffer(void *bytes)
{
	(void)bytes;
	InterlockedDecrement(&buffers);
	return 0;
}

/* ---- shares ---- */

static const WCHAR *const shares[] = { L"\\\\files\\data", L"\\\\dav@SSL\\DavWWWRoot",
				       L"\\\\tsclient\\C", L"\\\\10.0.0.7\\x" };
static unsigned share_at;
static DWORD share_needs; /* a batch does not fit into less */

static DWORD WINAPI open_shares(DWORD scope, DWORD type, DWORD usage, NETRESOURCEW *from,
				HANDLE *opened)
{
	(void)type;
	(void)usage;
	(void)from;
	assert_int_equal(scope, RESOURCE_CONNECTED);
	*opened = (HANDLE)(UINT_PTR)1;
	return NO_ERROR;
}

static DWORD WINAPI each_share(HANDLE opened, DWORD *count, void *bytes, DWORD *size)
{
	NETRESOURCEW *told = bytes;

	(void)opened;
	if (*size < share_needs) {
		*size = share_needs;
		return ERROR_MORE_DATA;
	}
	if (share_at == 4)
		return ERROR_NO_MORE_ITEMS;
	told->lpRemoteName = (WCHAR *)shares[share_at++];
	*count = 1;
	return NO_ERROR;
}

static DWORD WINAPI close_shares(HANDLE opened)
{
	(void)opened;
	return NO_ERROR;
}

/* ---- adapters ---- */

static unsigned adapters_grow;
static DWORD adapters_fail;

struct adapter {
	IP_ADAPTER_ADDRESSES adapter;
	IP_ADAPTER_DNS_SERVER_ADDRESS servers[2];
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static ULONG WINAPI adapters(ULONG family, ULONG flags, void *reserved,
			     IP_ADAPTER_ADDRESSES *bytes, ULONG *size)
{
	static WCHAR name[] = L"Ethernet";
	struct adapter *up = (struct adapter *)bytes, *down = up + 1;

	(void)family;
	(void)reserved;
	assert_false(flags & GAA_FLAG_SKIP_DNS_SERVER);
	if (adapters_fail)
		return adapters_fail;
	if (adapters_grow) {
		adapters_grow--;
		*size *= 2;
		return ERROR_BUFFER_OVERFLOW;
	}
	assert_true(*size >= 2 * sizeof *up);
	memset(up, 0, 2 * sizeof *up);
	for (struct adapter *each = up; each <= down; each++) {
		each->adapter.FriendlyName = name;
		each->adapter.OperStatus = each == up ? IfOperStatusUp : IfOperStatusDown;
		each->adapter.Next = each == up ? &down->adapter : NULL;
		each->adapter.FirstDnsServerAddress = &each->servers[0];
		each->servers[0].Next = &each->servers[1];
		each->servers[0].Address.lpSockaddr = (struct sockaddr *)&each->four;
		each->servers[1].Address.lpSockaddr = (struct sockaddr *)&each->six;
		each->four.sin_family = AF_INET;
		each->four.sin_addr.s_addr = htonl(each == up ? 0x0a000035 : 0x0a000036);
		each->six.sin6_family = AF_INET6;
		each->six.sin6_addr.s6_addr[0] = 0xfe; /* fec0:0:0:ffff::1 */
		each->six.sin6_addr.s6_addr[1] = 0xc0;
		each->six.sin6_addr.s6_addr[15] = 1;
	}
	return NO_ERROR;
}

/* ---- proxies ---- */

static const WCHAR *proxy_text;

static BOOL WINAPI proxy(WINHTTP_PROXY_INFO *info)
{
	info->dwAccessType =
		proxy_text ? WINHTTP_ACCESS_TYPE_NAMED_PROXY : WINHTTP_ACCESS_TYPE_NO_PROXY;
	info->lpszProxy = NULL;
	if (proxy_text) {
		info->lpszProxy = GlobalAlloc(GPTR, (wcslen(proxy_text) + 1) * 2);
		wcscpy(info->lpszProxy, proxy_text);
	}
	info->lpszProxyBypass = NULL;
	return TRUE;
}

static const struct services_route route = {
	value,	    open_key,	 each_key,    close_key,  adapters,	join_information,
	controller, free_buffer, open_shares, each_share, close_shares, proxy,
};

/* ---- trying it ---- */

static const char *logon_server;

static const char *environment(const char *name)
{
	return !strcmp(name, "LOGONSERVER")  ? logon_server :
	       !strcmp(name, "COMPUTERNAME") ? "PC7" :
					       NULL;
}

static void begin(const struct entry *all, size_t count)
{
	entries = all;
	entry_count = count;
	registry_denied = false;
	joined = NetSetupWorkgroupName;
	join_fails = controller_fails = controller_hangs_ms = 0;
	logon_server = NULL;
	adapters_fail = ERROR_NO_DATA;
	adapters_grow = 0;
	share_at = 4;
	share_needs = 0;
	proxy_text = NULL;
	buffers = 0;
}

static const struct service *find(const struct services *services, const char *host,
				  uint16_t port)
{
	for (size_t i = 0; i < services->count; i++)
		if (!strcmp(services->items[i].host, host) && services->items[i].port == port)
			return &services->items[i];
	return NULL;
}

static bool noted(const struct services *services, const char *words)
{
	for (size_t i = 0; i < services->note_count; i++)
		if (strstr(services->notes[i], words))
			return true;
	return false;
}

static const struct service *must_find(const struct services *services, const char *host,
				       uint16_t port, enum service_kind kind)
{
	const struct service *service = find(services, host, port);

	assert_that(service && service->kind == kind, "%s:%u", host, port);
	assert_non_null(service->from);
	return service;
}

static void read_one(void (*part)(const struct services_route *route,
				  struct services *services),
		     struct services *services)
{
	*services = (struct services){ 0 };
	part(&route, services);
}

TEST(a_machine_of_no_domain_is_said_to_be_so_and_nobody_is_asked)
{
	struct services services = { 0 };

	begin(NULL, 0);
	controller_fails = 1; /* it would be noted */
	services_read_directory(&route, environment, &services);
	assert_int_equal(services.count, 0);
	assert_int_equal(services.note_count, 1);
	assert_true(noted(&services, "no domain"));
	assert_int_equal(buffers, 0);
	services_free(&services);
}

TEST(of_a_domain_its_controller_is_tried_by_ldap_kerberos_and_smb)
{
	struct services services = { 0 };

	begin(NULL, 0);
	joined = NetSetupDomainName;
	services_read_directory(&route, environment, &services);
	assert_int_equal(services.count, 3);
	must_find(&services, "dc01.corp.example", 88, SERVICE_DIRECTORY);
	must_find(&services, "dc01.corp.example", 445, SERVICE_DIRECTORY);
	assert_string_equal(
		must_find(&services, "dc01.corp.example", 389, SERVICE_DIRECTORY)->from,
		"DsGetDcName: CORP");
	assert_true(noted(&services, "does not tell when group policy"));
	assert_int_equal(buffers, 0);
	services_free(&services);
}

TEST(a_controller_that_is_not_found_is_told_and_those_before_are_tried)
{
	static const struct entry all[] = {
		{ HKEY_LOCAL_MACHINE,
		  L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Group Policy\\History",
		  L"DCName", L"\\\\dc03.corp.example", 0 },
	};
	struct services services = { 0 };

	begin(all, 1);
	joined = NetSetupDomainName;
	controller_fails = 1355; /* ERROR_NO_SUCH_DOMAIN */
	logon_server = "\\\\DC02";
	services_read_directory(&route, environment, &services);
	assert_true(noted(&services, "no domain controller of CORP was found"));
	assert_true(noted(&services, "1355"));
	assert_string_equal(must_find(&services, "DC02", 389, SERVICE_DIRECTORY)->from,
			    "LOGONSERVER");
	must_find(&services, "dc03.corp.example", 88, SERVICE_DIRECTORY);
	assert_int_equal(services.count, 6);
	services_free(&services);
}

TEST(a_logon_by_an_account_of_this_machine_names_no_controller)
{
	struct services services = { 0 };

	begin(NULL, 0);
	joined = NetSetupDomainName;
	controller_fails = 1355;
	logon_server = "\\\\pc7";
	services_read_directory(&route, environment, &services);
	assert_int_equal(services.count, 0);
	services_free(&services);
}

TEST(what_cannot_be_asked_about_the_domain_is_said)
{
	struct services_route without = route;
	struct services services = { 0 };

	begin(NULL, 0);
	join_fails = ERROR_ACCESS_DENIED;
	services_read_directory(&route, environment, &services);
	assert_true(noted(&services, "is not known"));
	services_free(&services);
	services = (struct services){ 0 };
	without.controller = NULL;
	services_read_directory(&without, environment, &services);
	assert_int_equal(services.note_count, 1);
	assert_int_equal(services.count, 0);
	services_free(&services);
}

/* 2026-11-29T00:00:00Z and three seconds later, as FILETIME. */
#define ZEROS                                                                                 \
	L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Group Policy\\State\\Machine\\"       \
	L"Extension-List\\{00000000-0000-0000-0000-000000000000}"

static const uint64_t policy_began = (UINT64_C(1795910400) + UINT64_C(11644473600)) * 10000000;

static void read_policy(struct services *services, int64_t took_s)
{
	const uint64_t ended = policy_began + (uint64_t)(took_s * 10000000);
	const struct entry all[] = {
		{ HKEY_LOCAL_MACHINE, ZEROS, L"startTimeHi", NULL,
		  (DWORD)(policy_began >> 32) },
		{ HKEY_LOCAL_MACHINE, ZEROS, L"startTimeLo", NULL, (DWORD)policy_began },
		{ HKEY_LOCAL_MACHINE, ZEROS, L"endTimeHi", NULL, (DWORD)(ended >> 32) },
		{ HKEY_LOCAL_MACHINE, ZEROS, L"endTimeLo", NULL, (DWORD)ended },
	};

	begin(all, 4);
	joined = NetSetupDomainName;
	*services = (struct services){ 0 };
	services_read_directory(&route, environment, services);
}

TEST(when_group_policy_was_processed_last_is_told)
{
	struct services services;

	read_policy(&services, 3);
	assert_true(noted(&services, "2026-11-29T00:00:03"));
	assert_true(noted(&services, "in 3 s"));
	services_free(&services);
	read_policy(&services, -3600); /* the end is that of the time before */
	assert_true(noted(&services, "not to its end"));
	assert_true(noted(&services, "since 2026-11-29T00:00:00"));
	services_free(&services);
}

TEST(shares_of_every_logon_and_of_now_are_found_and_others_are_not)
{
	static const struct entry all[] = {
		{ HKEY_CURRENT_USER, L"Network", NULL, L"Y", 0 },
		{ HKEY_CURRENT_USER, L"Network", NULL, L"Z", 0 },
		{ HKEY_CURRENT_USER, L"Network\\Z", L"RemotePath",
		  L"\\\\nas.corp.example\\home", 0 },
	};
	struct services services;

	begin(all, 3);
	share_at = 0;
	share_needs = 100000;
	read_one(services_read_shares, &services);
	assert_int_equal(services.count, 3);
	assert_string_equal(must_find(&services, "nas.corp.example", 445, SERVICE_FILES)->from,
			    "HKCU\\Network\\Z");
	must_find(&services, "10.0.0.7", 445, SERVICE_FILES);
	assert_string_equal(must_find(&services, "files", 445, SERVICE_FILES)->from,
			    "WNetEnumResource");
	assert_int_equal(open_keys, 0);
	services_free(&services);
}

TEST(machines_of_remote_desktop_are_found_with_their_port)
{
	static const struct entry all[] = {
		{ HKEY_CURRENT_USER, L"Software\\Microsoft\\Terminal Server Client\\Default",
		  L"MRU0", L"jump.corp.example:13389", 0 },
		{ HKEY_CURRENT_USER, L"Software\\Microsoft\\Terminal Server Client\\Servers",
		  NULL, L"ts01.corp.example", 0 },
	};
	struct services services;

	begin(all, 2);
	read_one(services_read_logins, &services);
	assert_int_equal(services.count, 2);
	must_find(&services, "jump.corp.example", 13389, SERVICE_LOGIN);
	must_find(&services, "ts01.corp.example", 3389, SERVICE_LOGIN);
	services_free(&services);
}

#define SETTINGS L"Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings"
#define UPDATES L"SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate"

TEST(proxies_and_the_source_of_updates_count_if_they_are_switched_on)
{
	static struct entry all[] = {
		{ HKEY_CURRENT_USER, SETTINGS, L"ProxyEnable", NULL, 1 },
		{ HKEY_CURRENT_USER, SETTINGS, L"ProxyServer",
		  L"http=proxy.example:8080;https=proxy2.example:8443;socks=third.example",
		  0 },
		{ HKEY_CURRENT_USER, SETTINGS, L"AutoConfigURL",
		  L"https://pac.example/proxy.pac", 0 },
		{ HKEY_LOCAL_MACHINE, UPDATES L"\\AU", L"UseWUServer", NULL, 1 },
		{ HKEY_LOCAL_MACHINE, UPDATES, L"WUServer", L"http://wsus.example:8530", 0 },
	};
	struct services services = { 0 };

	begin(all, 5);
	proxy_text = L"winhttp.example:3128";
	services_read_web(&route, environment, &services);
	must_find(&services, "proxy.example", 8080, SERVICE_WEB);
	must_find(&services, "proxy2.example", 8443, SERVICE_WEB);
	must_find(&services, "third.example", 1080, SERVICE_WEB);
	must_find(&services, "pac.example", 443, SERVICE_WEB);
	must_find(&services, "wsus.example", 8530, SERVICE_WEB);
	must_find(&services, "winhttp.example", 3128, SERVICE_WEB);
	assert_int_equal(services.count, 6);
	services_free(&services);

	services = (struct services){ 0 };
	all[0].number = all[3].number = 0;
	proxy_text = NULL;
	services_read_web(&route, environment, &services);
	assert_int_equal(services.count, 1); /* the script is not switched off by that */
	must_find(&services, "pac.example", 443, SERVICE_WEB);
	services_free(&services);
}

TEST(name_servers_of_adapters_that_are_up_are_found_and_no_site_local_ones)
{
	struct services services;

	begin(NULL, 0);
	adapters_fail = 0;
	adapters_grow = 3;
	read_one(services_read_names, &services);
	assert_int_equal(services.count, 2); /* by UDP and by TCP */
	assert_string_equal(must_find(&services, "10.0.0.53", 53, SERVICE_NAMES)->from,
			    "GetAdaptersAddresses: Ethernet");
	services_free(&services);
	adapters_grow = 1000;
	read_one(services_read_names, &services);
	assert_int_equal(services.count, 0);
	services_free(&services);
}

TEST(without_any_library_and_right_nothing_is_found_and_nothing_fails)
{
	static const struct entry all[] = {
		{ HKEY_CURRENT_USER, SETTINGS, L"ProxyEnable", NULL, 1 },
		{ HKEY_CURRENT_USER, SETTINGS, L"ProxyServer", L"proxy.example", 0 },
	};
	struct services_route bare = { value, open_key, each_key, close_key };
	struct services services;

	begin(all, 2);
	registry_denied = true;
	services_read_by(&bare, environment, &services);
	assert_int_equal(services.count, 0);
	assert_int_equal(services.note_count, 1);
	services_free(&services);
}

SUITE(windows_services,
      cmocka_unit_test(a_machine_of_no_domain_is_said_to_be_so_and_nobody_is_asked),
      cmocka_unit_test(of_a_domain_its_controller_is_tried_by_ldap_kerberos_and_smb),
      cmocka_unit_test(a_controller_that_is_not_found_is_told_and_those_before_are_tried),
      cmocka_unit_test(a_logon_by_an_account_of_this_machine_names_no_controller),
      cmocka_unit_test(what_cannot_be_asked_about_the_domain_is_said),
      cmocka_unit_test(when_group_policy_was_processed_last_is_told),
      cmocka_unit_test(shares_of_every_logon_and_of_now_are_found_and_others_are_not),
      cmocka_unit_test(machines_of_remote_desktop_are_found_with_their_port),
      cmocka_unit_test(proxies_and_the_source_of_updates_count_if_they_are_switched_on),
      cmocka_unit_test(name_servers_of_adapters_that_are_up_are_found_and_no_site_local_ones),
      cmocka_unit_test(without_any_library_and_right_nothing_is_found_and_nothing_fails));
