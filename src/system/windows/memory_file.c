#include "system/memory_file.h"

#include "base/arena.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <windows.h>

/*
 * The C library has no streams in memory. A temporary file that is never written to the disk while there is memory for it
 * (FILE_ATTRIBUTE_TEMPORARY, learn.microsoft.com, "CreateFile", "Caching behavior") is one; it goes with its handle.
 */
static HANDLE open_temporary(void)
{
	wchar_t folder[MAX_PATH + 1], path[MAX_PATH + 1];

	if (!GetTempPathW(MAX_PATH + 1, folder) || !GetTempFileNameW(folder, L"prm", 0, path))
		return INVALID_HANDLE_VALUE;
	return CreateFileW(path, GENERIC_READ | GENERIC_WRITE | DELETE, 0, NULL, CREATE_ALWAYS,
			   FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
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
