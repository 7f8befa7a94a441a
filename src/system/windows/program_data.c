#include "system/windows/program_data.h"

#include "system/windows/library.h"
#include "system/windows/wide.h"

#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <shlobj.h>

/* FOLDERID_ProgramData; learn.microsoft.com, "KNOWNFOLDERID". */
static const GUID folder_id = {
	0x62ab5d82, 0xfdc1, 0x4dc3, { 0xa9, 0xdd, 0x07, 0x0d, 0x1d, 0x49, 0x5d, 0x97 }
};

static void free_text(wchar_t *text)
{
	void(WINAPI * release)(void *);

	if (library_find(release, "ole32.dll", "CoTaskMemFree"))
		release(text);
}

void program_data_path(char *path, size_t size, const char *name)
{
	wchar_t *folder = NULL;
	char *text = NULL;

	if (SHGetKnownFolderPath(&folder_id, KF_FLAG_DONT_VERIFY, NULL, &folder) == S_OK)
		text = wide_to_text(folder);
	snprintf(path, size, "%s\\%s", text ? text : "C:\\ProgramData", name);
	free(text);
	free_text(folder);
}
