#include "system/windows/trust.h"

#include "system/windows/elevation.h"

#include <stdint.h>
#include <windows.h>
#include <aclapi.h>

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

/* NT SERVICE\TrustedInstaller, which sets up Windows itself: a service's number is the SHA-1 of its name, and so the same
 * everywhere (learn.microsoft.com, "Well-known SIDs"). */
static bool is_installer(PSID sid)
{
	static const struct {
		BYTE revision, count, authority[6];
		DWORD parts[6];
	} installer = { SID_REVISION,
			6,
			{ 0, 0, 0, 0, 0, 5 },
			{ 80, 956008885, 3418522649, 1831038044, 1853292631, 2271478464 } };

	return EqualSid(sid, (PSID)&installer);
}

/* Who we are, too, if all that has our account can act as we do: then it needs no file for it. What an administrator makes with
 * full rights is owned by the group of administrators. */
static bool is_trusted(PSID sid)
{
	uint8_t own[SID_SIZE];

	return IsWellKnownSid(sid, WinBuiltinAdministratorsSid) ||
	       IsWellKnownSid(sid, WinLocalSystemSid) || is_installer(sid) ||
	       (!elevation_has_twin() && own_sid(own) && EqualSid(sid, own));
}

/* A folder's attributes are written to turn it into a link. */
static bool is_harmful(DWORD mask, enum trust_wish wish)
{
	const DWORD takes = FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL;
	const DWORD writes = FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_ATTRIBUTES |
			     FILE_WRITE_EA | GENERIC_WRITE;

	return wish == TRUST_PRIVATE ? mask :
	       wish == TRUST_CLOSED  ? mask & (takes | writes) :
				       mask & takes;
}

/* Entries that refuse something take nothing from what others have to say, and are passed over; those of a kind that is not
 * known might let anybody do anything. */
static bool is_harmless(const ACE_HEADER *header, enum trust_wish wish)
{
	const ACCESS_ALLOWED_ACE *entry = (const void *)header;

	switch (header->AceType) {
	case ACCESS_DENIED_ACE_TYPE:
	case ACCESS_DENIED_OBJECT_ACE_TYPE:
	case ACCESS_DENIED_CALLBACK_ACE_TYPE:
	case ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE:
		return true;
	case ACCESS_ALLOWED_ACE_TYPE:
	case ACCESS_ALLOWED_CALLBACK_ACE_TYPE: /* the same, with a condition behind it */
		return (wish == TRUST_HOLDS && header->AceFlags & INHERIT_ONLY_ACE) ||
		       !is_harmful(entry->Mask, wish) || is_trusted((PSID)&entry->SidStart);
	default:
		return false;
	}
}

static bool is_closed(PACL list, enum trust_wish wish)
{
	ACL_SIZE_INFORMATION about;

	/* No list at all lets everybody do everything. */
	if (!list || !GetAclInformation(list, &about, sizeof about, AclSizeInformation))
		return false;
	for (DWORD i = 0; i < about.AceCount; i++) {
		const ACE_HEADER *header;

		if (!GetAce(list, i, (void **)&header) || !is_harmless(header, wish))
			return false;
	}
	return true;
}

bool trust_descriptor(void *descriptor, enum trust_wish wish)
{
	BOOL unused, has_list = FALSE;
	PSID owner = NULL;
	PACL list = NULL;

	return GetSecurityDescriptorOwner(descriptor, &owner, &unused) && owner &&
	       is_trusted(owner) &&
	       GetSecurityDescriptorDacl(descriptor, &has_list, &list, &unused) && has_list &&
	       is_closed(list, wish);
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

static enum trust judge(HANDLE file, enum trust_wish wish)
{
	PSECURITY_DESCRIPTOR descriptor = NULL;
	DWORD failed = GetSecurityInfo(file, SE_FILE_OBJECT,
				       OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
				       NULL, NULL, NULL, NULL, &descriptor);
	enum trust answer = TRUST_UNSEEN;

	if (!failed)
		answer = is_link(file)			    ? TRUST_LINK :
			 trust_descriptor(descriptor, wish) ? TRUST_OURS :
							      TRUST_OTHERS;
	if (descriptor)
		LocalFree(descriptor);
	SetLastError(failed);
	return answer;
}

enum trust trust_look(const wchar_t *path, enum trust_wish wish)
{
	HANDLE file = open_itself(path);
	enum trust answer;
	DWORD failed;

	if (file == INVALID_HANDLE_VALUE)
		return TRUST_UNSEEN;
	answer = judge(file, wish);
	failed = GetLastError();
	CloseHandle(file);
	SetLastError(failed);
	return answer;
}
