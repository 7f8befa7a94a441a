#include "source/windows/process/account.h"

#include "base/arena.h"
#include "system/windows/library.h"
#include "system/windows/wide.h"

#include <stdbool.h>
#include <stdlib.h>
#include <winternl.h>

enum { SID_BYTES = 1024, NAME_LETTERS = 512 };

void account_find(struct account_route *route)
{
	static const char advapi[] = "advapi32.dll", secur[] = "secur32.dll";

	*route = (struct account_route){ NULL };
	(void)library_find(route->open_token, advapi, "OpenProcessToken");
	(void)library_find(route->token_information, advapi, "GetTokenInformation");
	(void)library_find(route->lookup, advapi, "LookupAccountSidW");
	(void)library_find(route->sid_text, advapi, "ConvertSidToStringSidW");
	(void)library_find(route->session, secur, "LsaGetLogonSessionData");
	(void)library_find(route->free_session, secur, "LsaFreeReturnBuffer");
}

/*
 * S-1-5-18, -19, -20 (the system and its two services), S-1-5-32 (built-in groups) and the accounts that Windows makes for
 * services, application pools, virtual machines and windows, S-1-5-80 to 96: [MS-DTYP] 2.4.2.4, "Well-Known SID Structures".
 * S-1-5-21 is of a domain, and S-1-12 of Azure.
 */
static bool is_known_here(PSID sid)
{
	static const SID_IDENTIFIER_AUTHORITY nt = SECURITY_NT_AUTHORITY;
	const SID_IDENTIFIER_AUTHORITY *authority = GetSidIdentifierAuthority(sid);
	DWORD first;

	if (memcmp(authority, &nt, sizeof nt) != 0 || !*GetSidSubAuthorityCount(sid))
		return false;
	first = *GetSidSubAuthority(sid, 0);
	return (first >= 18 && first <= 20) || first == 32 || (first >= 80 && first <= 96);
}

static const char *join(struct arena *arena, const wchar_t *domain, const wchar_t *name)
{
	char *first = wide_to_text(domain), *second = wide_to_text(name);
	const char *text = *first ? arena_print(arena, "%s\\%s", first, second) :
				    arena_copy(arena, second);

	free(first);
	free(second);
	return text;
}

static const char *looked_up(const struct account_route *route, PSID sid, struct arena *arena)
{
	wchar_t name[NAME_LETTERS], domain[NAME_LETTERS];
	DWORD name_size = NAME_LETTERS, domain_size = NAME_LETTERS;
	SID_NAME_USE use;

	if (!route->lookup ||
	    !route->lookup(NULL, sid, name, &name_size, domain, &domain_size, &use))
		return NULL;
	return join(arena, domain, name);
}

/* The beginning of SECURITY_LOGON_SESSION_DATA (ntsecapi.h). */
struct session_data {
	ULONG size;
	LUID id;
	UNICODE_STRING user, domain, package;
	ULONG type, session;
	PSID sid;
};

static const wchar_t *counted(wchar_t text[NAME_LETTERS], const UNICODE_STRING *from)
{
	size_t length = from->Length / sizeof *text;

	if (length >= NAME_LETTERS || !from->Buffer)
		length = 0;
	memcpy(text, from->Buffer, length * sizeof *text);
	text[length] = L'\0';
	return text;
}

/* The session's own account: a process may have been started within it as somebody else. */
static const char *of_session(const struct account_route *route, HANDLE token, PSID sid,
			      struct arena *arena)
{
	TOKEN_STATISTICS statistics;
	struct session_data *session = NULL;
	wchar_t name[NAME_LETTERS], domain[NAME_LETTERS];
	const char *text = NULL;
	DWORD size;

	if (!route->session || !route->free_session ||
	    !route->token_information(token, TokenStatistics, &statistics, sizeof statistics,
				      &size))
		return NULL;
	if (route->session(&statistics.AuthenticationId, (void **)&session) || !session)
		return NULL;
	if (session->size >= sizeof *session && session->user.Length && session->sid &&
	    EqualSid(session->sid, sid))
		text = join(arena, counted(domain, &session->domain),
			    counted(name, &session->user));
	route->free_session(session);
	return text;
}

static const char *as_text(const struct account_route *route, PSID sid, struct arena *arena)
{
	const char *text;
	LPWSTR wide;

	if (!route->sid_text || !route->sid_text(sid, &wide))
		return NULL;
	text = join(arena, L"", wide);
	LocalFree(wide);
	return text;
}

const char *account_name(const struct account_route *route, HANDLE process,
			 struct arena *arena)
{
	union {
		TOKEN_USER user;
		uint8_t bytes[SID_BYTES];
	} owner;
	const char *name = NULL;
	HANDLE token;
	DWORD size;

	if (!route->open_token || !route->token_information ||
	    !route->open_token(process, TOKEN_QUERY, &token))
		return NULL;
	if (route->token_information(token, TokenUser, &owner, sizeof owner, &size)) {
		PSID sid = owner.user.User.Sid;

		name = is_known_here(sid) ? looked_up(route, sid, arena) :
					    of_session(route, token, sid, arena);
		name = name ? name : as_text(route, sid, arena);
	}
	CloseHandle(token);
	return name;
}
