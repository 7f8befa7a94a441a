#include "action/windows/range_record.h"

#include "action/range_lines.h"
#include "action/windows/range_boot.h"
#include "action/windows/range_rows.h"
#include "action/windows/range_trust.h"
#include "base/arena.h"
#include "base/language.h"
#include "system/clock.h"
#include "system/windows/error_text.h"
#include "system/windows/wide.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { LARGEST = 4096, WAIT_MS = 3000, STEP_MS = 20 };

int64_t range_now_ms(void)
{
	return (int64_t)GetTickCount64();
}

int64_t range_left_ms(const struct range_record *record)
{
	return record->deadline_ms - range_now_ms();
}

/* ---- files of the folder ---- */

static wchar_t *file_in(const char *folder, const char *name)
{
	const size_t size = strlen(folder) + strlen(name) + 2;
	char *path = memory_zeroed(size, 1);
	wchar_t *wide;

	snprintf(path, size, "%s\\%s", folder, name);
	wide = wide_path(path);
	free(path);
	return wide;
}

static HANDLE open_file(const char *folder, const char *name, DWORD access, DWORD share,
			DWORD how, DWORD flags)
{
	wchar_t *path = file_in(folder, name);
	HANDLE file = CreateFileW(path, access, share, NULL, how, flags, NULL);
	DWORD failed = GetLastError();

	free(path);
	SetLastError(failed);
	return file == INVALID_HANDLE_VALUE ? NULL : file;
}

/* ---- the folder ---- */

static int trust(const char *folder, struct error *error)
{
	wchar_t *wide = wide_path(folder);
	int result = range_trust(wide, folder, error);

	free(wide);
	return result;
}

bool range_folder_is_there(const char *folder)
{
	wchar_t *wide = wide_path(folder);
	DWORD attributes = GetFileAttributesW(wide);

	free(wide);
	return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY;
}

static int make(const char *folder, struct error *error)
{
	wchar_t *wide = wide_path(folder);
	bool made = !range_trust_make(wide) || GetLastError() == ERROR_ALREADY_EXISTS;
	DWORD failed = GetLastError();

	free(wide);
	if (made)
		return 0;
	return error_set(error,
			 _("%s cannot be made, and without a record there is no way back: %s"),
			 folder, error_text(failed));
}

/* Windows lets go of it when whoever holds it has ended, however that was. */
static HANDLE open_lock(const char *folder)
{
	return open_file(folder, "range.lock", GENERIC_READ | GENERIC_WRITE, 0, OPEN_ALWAYS,
			 0);
}

static int lock(struct range_folder *folder, unsigned wait_ms, struct error *error)
{
	for (unsigned waited = 0;; waited += STEP_MS) {
		folder->lock = open_lock(folder->path);
		if (folder->lock)
			return 1;
		if (GetLastError() != ERROR_SHARING_VIOLATION)
			return error_set(error, "%s\\range.lock: %s", folder->path,
					 error_text(GetLastError()));
		if (waited >= wait_ms)
			return 0;
		clock_rest_ms(STEP_MS);
	}
}

int range_folder_open(struct range_folder *folder, const char *path, struct error *error)
{
	int locked;

	*folder = (struct range_folder){ .path = path };
	if (make(path, error) || trust(path, error))
		return -1;
	locked = lock(folder, WAIT_MS, error);
	if (locked)
		return locked > 0 ? 0 : -1;
	return error_set(error, _("another portroom is changing the range; try again"));
}

int range_folder_refuse_open(const struct range_folder *folder, struct error *error)
{
	wchar_t *wide = wide_path(folder->path);
	int result = range_trust_private(wide, folder->path, error);

	free(wide);
	return result;
}

int range_folder_try(struct range_folder *folder, const char *path, struct error *error)
{
	*folder = (struct range_folder){ .path = path };
	if (!range_folder_is_there(path))
		return 0;
	return trust(path, error) ? -1 : lock(folder, 0, error);
}

void range_folder_close(struct range_folder *folder)
{
	if (folder->lock)
		CloseHandle(folder->lock);
	folder->lock = NULL;
}

static bool is_held(const char *folder, const char *name)
{
	HANDLE file = open_file(folder, name, GENERIC_READ, 0, OPEN_EXISTING, 0);

	if (!file)
		return GetLastError() == ERROR_SHARING_VIOLATION;
	CloseHandle(file);
	return false;
}

bool range_folder_is_locked(const char *path)
{
	return is_held(path, "range.lock");
}

void *range_record_guard(const char *path)
{
	for (unsigned waited = 0; waited < WAIT_MS; waited += STEP_MS) {
		HANDLE file = open_file(path, "range.guard", GENERIC_READ | GENERIC_WRITE, 0,
					OPEN_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE);

		/* That of a trial that has just ended has it for a moment. */
		if (file || GetLastError() != ERROR_SHARING_VIOLATION)
			return file;
		clock_rest_ms(STEP_MS);
	}
	return NULL;
}

bool range_record_is_guarded(const char *path)
{
	return is_held(path, "range.guard");
}

/* ---- writing ---- */

static void print_rows(char *text, size_t size, const char *key, const struct range_rows *rows)
{
	size_t length = strlen(text);

	range_each_row(protocol, i)
	{
		const struct port_range range = rows->rows[protocol][i];

		length +=
			(size_t)snprintf(text + length, size - length, "%s %s %u %u\n", key,
					 range_row_name(protocol, i), range.first, range.last);
	}
}

static void print_record(char *text, size_t size, const struct range_record *record)
{
	size_t length;

	snprintf(text, size, "%s\nboot %s\nchanging %d\npersistent %d\n", RANGE_HEADING,
		 record->boot, record->changing, record->persistent);
	print_rows(text, size, "before", &record->before.active);
	print_rows(text, size, "after", &record->after.active);
	print_rows(text, size, "before-next", &record->before.persistent);
	print_rows(text, size, "after-next", &record->after.persistent);
	length = strlen(text);
	snprintf(text + length, size - length, "deadline %" PRId64 "\nguard %u\nend\n",
		 record->deadline_ms, record->guard);
}

static bool write_new(const struct range_folder *folder, const char *text)
{
	const DWORD length = (DWORD)strlen(text);
	HANDLE file = open_file(folder->path, "range.new", GENERIC_WRITE, 0, CREATE_ALWAYS,
				FILE_ATTRIBUTE_NORMAL);
	DWORD wrote = 0, failed;
	bool good;

	if (!file)
		return false;
	good = WriteFile(file, text, length, &wrote, NULL) && wrote == length &&
	       FlushFileBuffers(file);
	failed = GetLastError();
	CloseHandle(file);
	SetLastError(failed);
	return good;
}

/*
 * A file that anybody has open is not replaced, and not removed where it was opened without FILE_SHARE_DELETE: whoever reads the
 * record, or a scanner for viruses, has it for a moment only.
 */
static bool is_worth_waiting(DWORD failed, unsigned waited)
{
	if ((failed != ERROR_ACCESS_DENIED && failed != ERROR_SHARING_VIOLATION) ||
	    waited >= WAIT_MS)
		return false;
	clock_rest_ms(STEP_MS);
	return true;
}

static bool put_in_place(const struct range_folder *folder)
{
	wchar_t *from = file_in(folder->path, "range.new"),
		*to = file_in(folder->path, "range.record");
	DWORD failed = 0;

	for (unsigned waited = 0;; waited += STEP_MS) {
		failed = MoveFileExW(from, to,
				     MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) ?
				 0 :
				 GetLastError();
		if (!failed || !is_worth_waiting(failed, waited))
			break;
	}
	free(from);
	free(to);
	SetLastError(failed);
	return !failed;
}

int range_record_write(const struct range_folder *folder, struct range_record *record,
		       struct error *error)
{
	char text[LARGEST];

	if (!range_boot_name(record->boot))
		return error_set(error,
				 _("this start of Windows cannot be given a name in the "
				   "registry, and without it no record can be kept"));
	print_record(text, sizeof text, record);
	if (write_new(folder, text) && put_in_place(folder))
		return 0;
	return error_set(error, _("no record of the change can be kept in %s: %s"),
			 folder->path, error_text(GetLastError()));
}

void range_record_drop(const struct range_folder *folder)
{
	wchar_t *path = file_in(folder->path, "range.record");

	for (unsigned waited = 0; !DeleteFileW(path); waited += STEP_MS)
		if (!is_worth_waiting(GetLastError(), waited))
			break;
	free(path);
}

/* ---- reading ---- */

bool range_record_is_there(const char *path)
{
	wchar_t *wide = file_in(path, "range.record");
	DWORD attributes = GetFileAttributesW(wide), failed = GetLastError();

	free(wide);
	SetLastError(failed);
	return attributes != INVALID_FILE_ATTRIBUTES;
}

static bool is_absent(const char *path)
{
	return !range_record_is_there(path) && (GetLastError() == ERROR_FILE_NOT_FOUND ||
						GetLastError() == ERROR_PATH_NOT_FOUND);
}

/* Not known is 0 0. */
static bool scan_rows(char **at, const char *key, bool known, struct range_rows *rows)
{
	range_each_row(protocol, i)
	{
		const char *name = range_row_name(protocol, i),
			   *value = range_lines_next(at, key);
		unsigned first, last;

		if (!value || strncmp(value, name, strlen(name)) ||
		    sscanf(value + strlen(name), "%u %u", &first, &last) != 2 ||
		    (!first && (known || last)) || first > last || last > 65535)
			return false;
		rows->rows[protocol][i] =
			(struct port_range){ (uint16_t)first, (uint16_t)last };
	}
	return true;
}

static bool scan_flag(char **at, const char *key, bool *flag)
{
	const char *value = range_lines_next(at, key);

	*flag = value && !strcmp(value, "1");
	return value && (*flag || !strcmp(value, "0"));
}

static bool scan_record(char *text, struct range_record *record)
{
	const char *value;
	char *at = range_lines_begin(text);

	value = range_lines_next(&at, "boot");
	if (!value || !*value || strlen(value) >= sizeof record->boot)
		return false;
	strcpy(record->boot, value);
	if (!scan_flag(&at, "changing", &record->changing) ||
	    !scan_flag(&at, "persistent", &record->persistent) ||
	    !scan_rows(&at, "before", true, &record->before.active) ||
	    !scan_rows(&at, "after", true, &record->after.active) ||
	    !scan_rows(&at, "before-next", false, &record->before.persistent) ||
	    !scan_rows(&at, "after-next", false, &record->after.persistent))
		return false;
	value = range_lines_next(&at, "deadline");
	record->deadline_ms = value ? strtoll(value, NULL, 10) : -1;
	value = range_lines_next(&at, "guard");
	record->guard = value ? (uint32_t)strtoul(value, NULL, 10) : 0;
	return value && record->deadline_ms >= 0 && !strcmp(at, "end\n");
}

static int read_text(const char *folder, char text[LARGEST], struct error *error)
{
	HANDLE file = open_file(folder, "range.record", GENERIC_READ,
				FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
				OPEN_EXISTING, 0);
	DWORD got = 0, failed = GetLastError();

	if (!file && (failed == ERROR_FILE_NOT_FOUND || failed == ERROR_PATH_NOT_FOUND))
		return 0;
	if (file) {
		if (!ReadFile(file, text, LARGEST - 1, &got, NULL))
			got = 0;
		failed = GetLastError();
		CloseHandle(file);
	}
	text[got] = '\0';
	return file ? 1 : error_set(error, "%s\\range.record: %s", folder, error_text(failed));
}

static int trust_record(const char *folder, struct error *error)
{
	wchar_t *path = file_in(folder, "range.record");
	int result = range_trust(path, folder, error);

	free(path);
	return result;
}

int range_record_read(const char *path, struct range_record *record, struct error *error)
{
	char text[LARGEST], boot[40];
	int found;

	*record = (struct range_record){ .guard = 0 };
	if (is_absent(path))
		return 0;
	/* First: what was read before could have been another file. */
	if (trust(path, error) || trust_record(path, error))
		return -1;
	found = read_text(path, text, error);
	if (found <= 0)
		return found;
	if (!scan_record(text, record))
		return error_set(
			error,
			_("%s\\range.record is no record of a change of the range; remove it"),
			path);
	return range_boot_read(boot) && !strcmp(boot, record->boot);
}
