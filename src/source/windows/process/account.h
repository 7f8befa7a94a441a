#pragma once

#include <windows.h>

struct arena;

/*
 * Who a process runs as. A name is looked for only where that cannot ask another machine, which could need a port: accounts of
 * the system itself and its services are known to every Windows, and of whoever is logged on the local authority remembers
 * the name.
 */
struct account_route {
	BOOL(WINAPI *open_token)(HANDLE process, DWORD access, HANDLE *token);
	BOOL(WINAPI *token_information)
	(HANDLE token, TOKEN_INFORMATION_CLASS about, void *bytes, DWORD size, DWORD *needed);
	BOOL(WINAPI *lookup)
	(LPCWSTR system, PSID sid, LPWSTR name, DWORD *name_size, LPWSTR domain,
	 DWORD *domain_size, SID_NAME_USE *use);
	BOOL(WINAPI *sid_text)(PSID sid, LPWSTR *text);
	LONG(WINAPI *session)(LUID *session, void **data); /* LsaGetLogonSessionData() */
	LONG(WINAPI *free_session)(void *data);
};

void account_find(struct account_route *route);

/* "NT AUTHORITY\SYSTEM", "CORP\anna", or the SID as text where no name is at hand; NULL: it may not be looked at. */
const char *account_name(const struct account_route *route, HANDLE process,
			 struct arena *arena);
