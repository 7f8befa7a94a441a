#include "system/windows/elevation.h"

#include <windows.h>

bool elevation_is_full(void)
{
	TOKEN_ELEVATION elevation = { 0 };
	DWORD size = sizeof elevation;
	bool told = false;
	HANDLE token;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return false;
	told = GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &size);
	CloseHandle(token);
	return told && elevation.TokenIsElevated;
}
