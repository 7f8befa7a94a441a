#pragma once

#include <winsock2.h>

#include <ws2tcpip.h>

#include <dsgetdc.h>
#include <iphlpapi.h>
#include <lm.h>
#include <winhttp.h>
#include <winnetwk.h>

struct services;

/*
 * What tells the hosts that this machine is configured to use: the registry, which every Windows has, and libraries that are
 * found by name. What is not there is NULL.
 */
struct services_route {
	LSTATUS(WINAPI *value)
	(HKEY root, const WCHAR *key, const WCHAR *name, DWORD flags, DWORD *type, void *bytes,
	 DWORD *size);
	LSTATUS(WINAPI *open_key)
	(HKEY root, const WCHAR *key, DWORD options, REGSAM access, HKEY *opened);
	LSTATUS(WINAPI *each_key)
	(HKEY key, DWORD index, WCHAR *name, DWORD *length, DWORD *reserved, WCHAR *class,
	 DWORD *class_length, FILETIME *written);
	LSTATUS(WINAPI *close_key)(HKEY key);

	ULONG(WINAPI *adapters)
	(ULONG family, ULONG flags, void *reserved, IP_ADAPTER_ADDRESSES *bytes, ULONG *size);

	NET_API_STATUS(WINAPI *join_information)
	(LPCWSTR server, LPWSTR *name, NETSETUP_JOIN_STATUS *status);
	DWORD(WINAPI *controller)
	(LPCWSTR computer, LPCWSTR domain, GUID *guid, LPCWSTR site, ULONG flags,
	 DOMAIN_CONTROLLER_INFOW **info);
	NET_API_STATUS(WINAPI *free_buffer)(void *bytes);

	DWORD(WINAPI *open_shares)
	(DWORD scope, DWORD type, DWORD usage, NETRESOURCEW *from, HANDLE *shares);
	DWORD(WINAPI *each_share)(HANDLE shares, DWORD *count, void *bytes, DWORD *size);
	DWORD(WINAPI *close_shares)(HANDLE shares);

	BOOL(WINAPI *proxy)(WINHTTP_PROXY_INFO *info);
};

void services_find(struct services_route *route);

/* services_read() by another route; `environment` as getenv(). */
void services_read_by(const struct services_route *route,
		      const char *(*environment)(const char *name), struct services *services);

/* Parts of it. */
void services_read_names(const struct services_route *route, struct services *services);
void services_read_directory(const struct services_route *route,
			     const char *(*environment)(const char *name),
			     struct services *services);
void services_read_shares(const struct services_route *route, struct services *services);
void services_read_logins(const struct services_route *route, struct services *services);
void services_read_web(const struct services_route *route,
		       const char *(*environment)(const char *name),
		       struct services *services);
