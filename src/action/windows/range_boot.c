#include "action/windows/range_boot.h"

#include <stdio.h>
#include <windows.h>

static const wchar_t key_name[] = L"SOFTWARE\\portroom.boot";
static const wchar_t value_name[] = L"name";

bool range_boot_read(char name[40])
{
	wchar_t wide[40] = L"";
	DWORD size = sizeof wide;
	int length = 0;

	if (RegGetValueW(HKEY_LOCAL_MACHINE, key_name, value_name, RRF_RT_REG_SZ, NULL, wide,
			 &size))
		return false;
	for (; length < 39 && wide[length]; length++) {
		if (wide[length] < L'!' || wide[length] > L'~')
			return false;
		name[length] = (char)wide[length];
	}
	name[length] = '\0';
	return length > 0;
}

bool range_boot_name(char name[40])
{
	wchar_t wide[40];
	FILETIME now;
	bool wrote;
	HKEY key;
	int length;

	if (range_boot_read(name))
		return true;
	if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, key_name, 0, NULL, REG_OPTION_VOLATILE,
			    KEY_SET_VALUE, NULL, &key, NULL))
		return false;
	GetSystemTimeAsFileTime(&now);
	length = swprintf(wide, 40, L"%08lx%08lx-%lx", now.dwHighDateTime, now.dwLowDateTime,
			  GetCurrentProcessId());
	wrote = !RegSetValueExW(key, value_name, 0, REG_SZ, (const BYTE *)wide,
				(DWORD)((size_t)(length + 1) * sizeof *wide));
	RegCloseKey(key);
	return wrote && range_boot_read(name);
}
