#include "source/windows/process/account.h"

#include "base/arena.h"
#include "suite.h"

#include <stdbool.h>
#include <string.h>
#include <winternl.h>

/* ---- a system with one token ---- */

static struct {
	SID_IDENTIFIER_AUTHORITY authority;
	DWORD parts[5];
	BYTE count;
	bool denied, logged_on;
	unsigned lookups;
} told;

static uint8_t sid_bytes[SECURITY_MAX_SID_SIZE];

static PSID sid_told(void)
{
	InitializeSid(sid_bytes, &told.authority, told.count);
	for (BYTE i = 0; i < told.count; i++)
		*GetSidSubAuthority(sid_bytes, i) = told.parts[i];
	return sid_bytes;
}

static BOOL WINAPI open_token(HANDLE process, DWORD access, HANDLE *token)
{
	(void)process, (void)access;
	*token = CreateEventW(NULL, TRUE, FALSE, NULL); /* something to be closed */
	SetLastError(ERROR_ACCESS_DENIED);
	return !told.denied;
}

static BOOL WINAPI token_information(HANDLE token, TOKEN_INFORMATION_CLASS about, void *bytes,
				     DWORD size, DWORD *needed)
{
	(void)token;
	*needed = size;
	memset(bytes, 0, size);
	if (about == TokenUser)
		((TOKEN_USER *)bytes)->User.Sid = sid_told();
	return TRUE;
}

static BOOL WINAPI lookup(LPCWSTR system, PSID sid, LPWSTR name, DWORD *name_size,
			  LPWSTR domain, DWORD *domain_size, SID_NAME_USE *use)
{
	(void)system, (void)sid;
	told.lookups++;
	lstrcpynW(name, L"NETWORK SERVICE", (int)*name_size);
	lstrcpynW(domain, L"NT AUTHORITY", (int)*domain_size);
	*use = SidTypeWellKnownGroup;
	return TRUE;
}

static BOOL WINAPI sid_text(PSID sid, LPWSTR *text)
{
	static const wchar_t as_text[] = L"S-1-5-21-1-2-3-1104";

	(void)sid;
	*text = LocalAlloc(LMEM_FIXED, sizeof as_text);
	memcpy(*text, as_text, sizeof as_text);
	return TRUE;
}

static LONG WINAPI session(LUID *id, void **data)
{
	static struct {
		ULONG size;
		LUID id;
		UNICODE_STRING user, domain, package;
		ULONG type, session;
		PSID sid;
	} logged_on = {
		.size = sizeof logged_on,
		.user = { 8, 10, (wchar_t *)L"anna" },
		.domain = { 8, 10, (wchar_t *)L"CORP" },
	};

	(void)id;
	logged_on.sid = sid_told();
	*data = &logged_on;
	return told.logged_on ? 0 : (LONG)0xc000005f;
}

static LONG WINAPI free_session(void *data)
{
	(void)data;
	return 0;
}

static const struct account_route route = {
	open_token, token_information, lookup, sid_text, session, free_session,
};

static void expect(const char *name)
{
	struct arena arena = { 0 };
	const char *said = account_name(&route, NULL, &arena);

	if (name)
		assert_string_equal(said, name);
	else
		assert_null(said);
	arena_free(&arena);
}

static void be(BYTE authority, DWORD first)
{
	memset(&told, 0, sizeof told);
	told.authority.Value[5] = authority;
	told.parts[0] = first;
	told.count = first == 21 || first == 1 ? 5 : 1;
}

/* ---- tests ---- */

TEST(accounts_that_every_windows_knows_are_looked_up)
{
	static const DWORD known[] = { 18, 19, 20, 32, 80, 82, 96 };

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		be(5, known[i]);
		expect("NT AUTHORITY\\NETWORK SERVICE");
		assert_int_equal(told.lookups, 1);
	}
}

TEST(accounts_of_a_domain_are_never_looked_up)
{
	static const struct {
		BYTE authority;
		DWORD first;
	} others[] = { { 5, 21 }, { 12, 1 }, { 5, 97 }, { 5, 17 }, { 1, 18 } };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		be(others[i].authority, others[i].first);
		expect("S-1-5-21-1-2-3-1104");
		assert_int_equal(told.lookups, 0);
	}
}

TEST(who_is_logged_on_has_a_name)
{
	be(5, 21);
	told.logged_on = true;
	expect("CORP\\anna");
	assert_int_equal(told.lookups, 0);
}

TEST(a_token_that_is_denied_tells_nothing)
{
	struct arena arena = { 0 };
	const struct account_route none = { NULL };

	be(5, 18);
	told.denied = true;
	expect(NULL);
	assert_null(account_name(&none, NULL, &arena));
}

SUITE(account, cmocka_unit_test(accounts_that_every_windows_knows_are_looked_up),
      cmocka_unit_test(accounts_of_a_domain_are_never_looked_up),
      cmocka_unit_test(who_is_logged_on_has_a_name),
      cmocka_unit_test(a_token_that_is_denied_tells_nothing));
