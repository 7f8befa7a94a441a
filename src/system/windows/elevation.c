#include "system/windows/elevation.h"

#include "system/windows/wine.h"

#include <windows.h>

static bool ask(TOKEN_INFORMATION_CLASS what, void *answer, DWORD size)
{
	HANDLE token;
	bool told;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return false;
	told = GetTokenInformation(token, what, answer, size, &size);
	CloseHandle(token);
	return told;
}

bool elevation_is_full(void)
{
	TOKEN_ELEVATION elevation = { 0 };

	return ask(TokenElevation, &elevation, sizeof elevation) && elevation.TokenIsElevated;
}

/* Wine calls every token a full one, and has no other (8.0, server/token.c). */
bool elevation_has_twin(void)
{
	TOKEN_ELEVATION_TYPE type = TokenElevationTypeDefault;

	return ask(TokenElevationType, &type, sizeof type) && type == TokenElevationTypeFull &&
	       !wine_version();
}
