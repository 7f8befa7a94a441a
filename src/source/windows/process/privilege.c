#include "source/windows/process/privilege.h"

#include <windows.h>

bool privilege_debug(void)
{
	TOKEN_PRIVILEGES wanted = {
		.PrivilegeCount = 1,
		.Privileges = { { .Attributes = SE_PRIVILEGE_ENABLED } },
	};
	bool granted = false;
	HANDLE token;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &token))
		return false;
	/* It succeeds where nothing was granted, too, and says so by its last error. */
	if (LookupPrivilegeValueW(NULL, SE_DEBUG_NAME, &wanted.Privileges[0].Luid))
		granted = AdjustTokenPrivileges(token, FALSE, &wanted, 0, NULL, NULL) &&
			  GetLastError() == ERROR_SUCCESS;
	CloseHandle(token);
	return granted;
}
