#include "action/windows/range_trust.h"

#include "base/language.h"
#include "system/windows/error_text.h"
#include "system/windows/trust.h"

#include <stdbool.h>
#include <windows.h>
#include <sddl.h>

/* The administrators', closed against what the folder above would hand down: they and the system may do everything, and nobody
 * else anything. */
static const wchar_t ours[] = L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

int range_trust(const wchar_t *path, const char *shown, struct error *error)
{
	switch (trust_look(path, TRUST_CLOSED)) {
	case TRUST_OURS:
		return 0;
	case TRUST_UNSEEN:
		return error_set(error, "%s: %s", shown, error_text(GetLastError()));
	default:
		return error_set(error,
				 _("%s is not the administrators' alone: others could write "
				   "to it; remove it"),
				 shown);
	}
}

int range_trust_private(const wchar_t *path, const char *shown, struct error *error)
{
	if (trust_look(path, TRUST_PRIVATE) == TRUST_OURS)
		return 0;
	return error_set(error,
			 _("%s can be opened by others than administrators, who could hinder "
			   "the way back; remove it"),
			 shown);
}

int range_trust_make(const wchar_t *path)
{
	SECURITY_ATTRIBUTES attributes = { sizeof attributes, NULL, FALSE };
	bool made;
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
