#include "action/windows/range_trust.h"

#include "base/language.h"
#include "system/windows/error_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>

/* The administrators', closed against what the folder above would hand down; they and the system write, all read. */
static const wchar_t ours[] = L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FRFX;;;BU)";

enum { SID_SIZE = 256 };

static bool own_sid(uint8_t sid[SID_SIZE])
{
	uint8_t bytes[sizeof(TOKEN_USER) + SID_SIZE];
	DWORD size = sizeof bytes;
	bool told = false;
	HANDLE token;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return false;
	if (GetTokenInformation(token, TokenUser, bytes, size, &size))
		told = CopySid(SID_SIZE, sid,
			       ((const TOKEN_USER *)(const void *)bytes)->User.Sid);
	CloseHandle(token);
	return told;
}

/* Administrators, the system, and who we are: whoever can act as we do needs no file for it. */
static bool is_trusted(PSID sid)
{
	uint8_t own[SID_SIZE];

	return IsWellKnownSid(sid, WinBuiltinAdministratorsSid) ||
	       IsWellKnownSid(sid, WinLocalSystemSid) || (own_sid(own) && EqualSid(sid, own));
}

/* What lets one write, or take the right to. */
static bool is_writing(DWORD mask)
{
	return mask & (FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD | DELETE |
		       WRITE_DAC | WRITE_OWNER | GENERIC_WRITE | GENERIC_ALL);
}

static bool is_closed(PACL list)
{
	ACL_SIZE_INFORMATION about;

	/* No list at all lets everybody do everything. */
	if (!list || !GetAclInformation(list, &about, sizeof about, AclSizeInformation))
		return false;
	for (DWORD i = 0; i < about.AceCount; i++) {
		const ACCESS_ALLOWED_ACE *entry;

		if (!GetAce(list, i, (void **)&entry))
			return false;
		if (entry->Header.AceType == ACCESS_ALLOWED_ACE_TYPE &&
		    is_writing(entry->Mask) && !is_trusted((PSID)&entry->SidStart))
			return false;
	}
	return true;
}

int range_trust(const wchar_t *path, const char *shown, struct error *error)
{
	PSECURITY_DESCRIPTOR descriptor = NULL;
	PSID owner = NULL;
	PACL list = NULL;
	DWORD failed =
		GetNamedSecurityInfoW((wchar_t *)(uintptr_t)path, SE_FILE_OBJECT,
				      OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
				      &owner, NULL, &list, NULL, &descriptor);
	bool good = !failed && owner && is_trusted(owner) && is_closed(list);

	if (descriptor)
		LocalFree(descriptor);
	if (failed)
		return error_set(error, "%s: %s", shown, error_text(failed));
	if (good)
		return 0;
	return error_set(
		error,
		_("%s is not the administrators' alone: others could write to it; remove it"),
		shown);
}

int range_trust_make(const wchar_t *path)
{
	SECURITY_ATTRIBUTES attributes = { sizeof attributes, NULL, FALSE };
	bool made = false;
	DWORD failed;

	if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
		    ours, SDDL_REVISION_1, &attributes.lpSecurityDescriptor, NULL))
		return -1;
	made = CreateDirectoryW(path, &attributes);
	failed = GetLastError();
	LocalFree(attributes.lpSecurityDescriptor);
	SetLastError(failed);
	return made ? 0 : -1;
}
