#include "system/memory_file.h"

#include "base/arena.h"

#include <fcntl.h>
#include <io.h>
#include <stdbool.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>

/*
 * The C library has no streams in memory. A temporary file that is never written to the disk while there is memory for it
 * (FILE_ATTRIBUTE_TEMPORARY, learn.microsoft.com, "CreateFile", "Caching behavior") is one; it goes with its handle.
 */
static HANDLE open_in(const wchar_t *folder)
{
	wchar_t path[MAX_PATH + 1];

	if (!GetTempFileNameW(folder, L"prm", 0, path))
		return INVALID_HANDLE_VALUE;
	return CreateFileW(path, GENERIC_READ | GENERIC_WRITE | DELETE, 0, NULL, CREATE_ALWAYS,
			   FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
}

/* That of all users, in which everybody may make files. */
static bool folder_of_windows(wchar_t folder[MAX_PATH + 8])
{
	UINT length = GetSystemWindowsDirectoryW(folder, MAX_PATH);

	if (!length || length >= MAX_PATH)
		return false;
	wcscpy(folder + length, L"\\Temp");
	return true;
}

/* GetTempPathW() does not look whether the folder exists (learn.microsoft.com, its remarks); of each session of remote desktop it
 * is another one, which may have been cleared away while somebody works there. */
static HANDLE open_temporary(void)
{
	wchar_t folder[MAX_PATH + 8];
	HANDLE file = INVALID_HANDLE_VALUE;

	if (GetTempPathW(MAX_PATH + 1, folder))
		file = open_in(folder);
	if (file == INVALID_HANDLE_VALUE && folder_of_windows(folder))
		file = open_in(folder);
	if (file == INVALID_HANDLE_VALUE)
		file = open_in(L".");
	return file;
}

void memory_file_open(struct memory_file *file)
{
	HANDLE handle = open_temporary();
	int descriptor;

	*file = (struct memory_file){ NULL };
	descriptor = handle == INVALID_HANDLE_VALUE ?
			     -1 :
			     _open_osfhandle((intptr_t)handle, _O_RDWR | _O_BINARY);
	file->out = descriptor < 0 ? NULL : _fdopen(descriptor, "w+b");
	if (!file->out)
		memory_exhausted(BUFSIZ);
}

void memory_file_flush(struct memory_file *file)
{
	int64_t end = fflush(file->out) ? -1 : _ftelli64(file->out);

	if (end < 0)
		memory_exhausted(file->size);
	file->size = (size_t)end;
	file->text = memory_resize(file->text, file->size + 1, 1);
	file->text[file->size] = '\0';
	rewind(file->out);
	if (fread(file->text, 1, file->size, file->out) != file->size ||
	    _fseeki64(file->out, end, SEEK_SET))
		memory_exhausted(file->size);
}

void memory_file_clear(struct memory_file *file)
{
	rewind(file->out);
}

void memory_file_close(struct memory_file *file)
{
	fclose(file->out);
	free(file->text);
	*file = (struct memory_file){ NULL };
}
