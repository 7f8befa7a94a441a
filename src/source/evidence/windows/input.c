#include "source/evidence/input.h"

#include "base/arena.h"
#include "base/filetime.h"
#include "base/language.h"
#include "system/file.h"

#include <errno.h>
#include <io.h>
#include <stdlib.h>
#include <windows.h>

/* What cannot be mapped takes memory: a listing of a million sockets has some hundred megabytes. */
enum { MOST_BYTES = 512 << 20, FIRST_BYTES = 1 << 16 };

/* A file that is mapped cannot be shortened here (learn.microsoft.com, "CreateFileMapping"). */
bool evidence_input_shrank(void)
{
	return false;
}

static int map(struct evidence_input *input, HANDLE file, uint64_t size)
{
	HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
	void *bytes = mapping ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0) : NULL;

	if (mapping)
		CloseHandle(mapping); /* the view keeps it */
	if (!bytes)
		return -1;
	input->is_mapped = true;
	input->artefact.bytes = bytes;
	input->artefact.size = (size_t)size;
	return 0;
}

/* errno. */
static int read_all(struct evidence_input *input, int file)
{
	uint8_t *bytes = NULL;
	size_t size = 0, capacity = 0;
	int64_t got;

	do {
		if (size == capacity) {
			capacity = capacity ? 2 * capacity : FIRST_BYTES;
			bytes = memory_resize(bytes, capacity, 1);
		}
		got = file_read(file, bytes + size, capacity - size);
		if (got < 0 && errno != EPIPE) {
			free(bytes);
			return errno;
		}
		size += got > 0 ? (size_t)got : 0;
		if (size >= MOST_BYTES) {
			size = MOST_BYTES;
			input->artefact.cut = _(
				"more than 512 MiB came, and the rest was not read; give it as a file");
			break;
		}
	} while (got > 0);
	input->artefact.bytes = bytes;
	input->artefact.size = size;
	return 0;
}

int evidence_input_take(struct evidence_input *input, int file, const char *name,
			struct error *error)
{
	HANDLE handle = (HANDLE)_get_osfhandle(file);
	BY_HANDLE_FILE_INFORMATION about;
	const FILETIME *written = &about.ftLastWriteTime;
	uint64_t size = 0;
	int number;

	*input = (struct evidence_input){ .artefact = { .name = name }, .fd = -1 };
	if (GetFileType(handle) == FILE_TYPE_DISK &&
	    GetFileInformationByHandle(handle, &about)) {
		input->artefact.modified_ms = filetime_to_unix_ms(
			filetime_join(written->dwHighDateTime, written->dwLowDateTime));
		size = (uint64_t)about.nFileSizeHigh << 32 | about.nFileSizeLow;
	}
	if (size && !_lseeki64(file, 0, SEEK_CUR) && !map(input, handle, size))
		return 0;
	number = read_all(input, file);
	return number ? error_set(error, "%s", language_errno(number)) : 0;
}

int evidence_input_open(struct evidence_input *input, const char *path, const char *name,
			struct error *error)
{
	enum file_kind kind;
	int file = file_open(path, &kind), result = -1;

	if (file < 0)
		return error_set(error, "%s", language_errno(errno));
	if (kind == FILE_FOLDER)
		error_set(error, "%s", language_errno(EISDIR));
	else if (kind == FILE_OTHER)
		error_set(error, "%s", _("it is a device; - is standard input"));
	else
		result = evidence_input_take(input, file, name, error);
	if (result)
		file_close(file);
	else
		input->fd = file;
	return result;
}

void evidence_input_close(struct evidence_input *input)
{
	if (input->is_mapped)
		UnmapViewOfFile(input->artefact.bytes);
	else
		free((void *)(uintptr_t)input->artefact.bytes);
	if (input->fd >= 0)
		file_close(input->fd);
	*input = (struct evidence_input){ .fd = -1 };
}

int evidence_descriptor(const struct artefact_input *input, struct error *error)
{
	(void)input;
	return error_set(error, "%s",
			 _("on Windows it is read from a file only; save it as one"));
}
