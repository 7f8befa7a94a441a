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

/*
 * By one handle, of what the path itself names and not of what that leads to: everybody can make a junction in %ProgramData%, and
 * turn it elsewhere as soon as the folder behind it was found good. What is no link, and is owned and closed as it must be,
 * nobody else can put anything else in the place of: to rename or to remove it takes a right on it, or FILE_DELETE_CHILD
 * on the folder above, which %ProgramData% gives to administrators only.
 */
static HANDLE open_itself(const wchar_t *path)
{
	return CreateFileW(path, READ_CONTROL | FILE_READ_ATTRIBUTES,
			   FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
			   OPEN_EXISTING,
			   FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
}

static bool is_link(HANDLE file)
{
	BY_HANDLE_FILE_INFORMATION about;

	return !GetFileInformationByHandle(file, &about) ||
	       about.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT;
}

/* 0, or an error of the system. */
static DWORD look(const wchar_t *path, bool *good)
{
	PSECURITY_DESCRIPTOR descriptor = NULL;
	PSID owner = NULL;
	PACL list = NULL;
	HANDLE file = open_itself(path);
	DWORD failed;

	*good = false;
	if (file == INVALID_HANDLE_VALUE)
		return GetLastError();
	failed = GetSecurityInfo(file, SE_FILE_OBJECT,
				 OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
				 &owner, NULL, &list, NULL, &descriptor);
	if (!failed)
		*good = owner && is_trusted(owner) && is_closed(list) && !is_link(file);
	if (descriptor)
		LocalFree(descriptor);
	CloseHandle(file);
	return failed;
}

int range_trust(const wchar_t *path, const char *shown, struct error *error)
{
	bool good;
	DWORD failed = look(path, &good);

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
