#include "system/windows/library.h"

#include "system/windows/wide.h"

#include <stdlib.h>
#include <windows.h>

/* LOAD_LIBRARY_SEARCH_SYSTEM32 came to Windows 7 with an update (KB2533623), where it may be missing: then the whole
 * path says the same. */
static HMODULE load(const wchar_t *name)
{
	HMODULE module = LoadLibraryExW(name, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	wchar_t path[MAX_PATH + 64];
	UINT length;

	if (module || GetLastError() != ERROR_INVALID_PARAMETER)
		return module;
	length = GetSystemDirectoryW(path, MAX_PATH);
	if (!length || length >= MAX_PATH)
		return NULL;
	path[length] = L'\\';
	lstrcpynW(path + length + 1, name, 62);
	return LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
}

void (*library_function(const char *library, const char *name))(void)
{
	wchar_t *wide = wide_of(library);
	HMODULE module = GetModuleHandleW(wide);

	if (!module)
		module = load(wide);
	free(wide);
	return module ? (void (*)(void))GetProcAddress(module, name) : NULL;
}
