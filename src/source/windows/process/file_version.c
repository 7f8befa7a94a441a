#include "source/windows/process/file_version.h"

#include "base/arena.h"
#include "system/patience.h"
#include "system/windows/library.h"
#include "system/windows/wide.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A disk that has gone to sleep, or has gone, is waited for by others, not here. */
enum { LONGEST_MS = 1000, MOST_BYTES = 1024 * 1024, LONGEST_TEXT = 256 };

void file_version_find(struct file_version_route *route)
{
	static const char version[] = "version.dll";

	*route = (struct file_version_route){ NULL };
	(void)library_find(route->size, version, "GetFileVersionInfoSizeW");
	(void)library_find(route->get, version, "GetFileVersionInfoW");
	(void)library_find(route->query, version, "VerQueryValueW");
}

/* What the thread works on. */
struct look {
	struct file_version_route route;
	wchar_t *path;
	char *texts[3]; /* version, product, company */
};

/* Pieces of text are by language; the first is the file's own, as Explorer shows it (learn.microsoft.com, VerQueryValueW). */
static char *text_of(struct look *look, const void *bytes, const char *name)
{
	struct {
		WORD language, code_page;
	} * languages;
	wchar_t about[96], *wide, *value;
	char line[96], *text;
	UINT size;

	if (!look->route.query(bytes, L"\\VarFileInfo\\Translation", (void **)&languages,
			       &size) ||
	    size < sizeof *languages)
		return NULL;
	snprintf(line, sizeof line, "\\StringFileInfo\\%04x%04x\\%s", languages->language,
		 languages->code_page, name);
	wide = wide_of(line);
	lstrcpynW(about, wide, sizeof about / sizeof *about);
	free(wide);
	if (!look->route.query(bytes, about, (void **)&value, &size) || !size)
		return NULL;
	wide = memory_zeroed(size + 1, sizeof *wide);
	memcpy(wide, value, size * sizeof *wide);
	text = wide_to_text(wide);
	free(wide);
	text[strcspn(text, "\r\n")] = '\0';
	if (*text && strlen(text) <= LONGEST_TEXT)
		return text;
	free(text);
	return NULL;
}

/* Numbers, where there is no text. */
static char *number_of(struct look *look, const void *bytes)
{
	VS_FIXEDFILEINFO *fixed;
	char *text;
	UINT size;

	if (!look->route.query(bytes, L"\\", (void **)&fixed, &size) || size < sizeof *fixed ||
	    fixed->dwSignature != VS_FFI_SIGNATURE)
		return NULL;
	text = memory_zeroed(1, 64);
	snprintf(text, 64, "%u.%u.%u.%u", HIWORD(fixed->dwFileVersionMS),
		 LOWORD(fixed->dwFileVersionMS), HIWORD(fixed->dwFileVersionLS),
		 LOWORD(fixed->dwFileVersionLS));
	return text;
}

static void ask(void *context)
{
	struct look *look = context;
	DWORD zero = 0, size = look->route.size(look->path, &zero);
	void *bytes;

	if (!size || size > MOST_BYTES)
		return;
	bytes = memory_zeroed(1, size);
	if (look->route.get(look->path, 0, size, bytes)) {
		look->texts[0] = text_of(look, bytes, "FileVersion");
		if (!look->texts[0])
			look->texts[0] = number_of(look, bytes);
		look->texts[1] = text_of(look, bytes, "ProductName");
		look->texts[2] = text_of(look, bytes, "CompanyName");
	}
	free(bytes);
}

static void release(void *context)
{
	struct look *look = context;

	for (size_t i = 0; i < sizeof look->texts / sizeof look->texts[0]; i++)
		free(look->texts[i]);
	free(look->path);
	free(look);
}

/*
 * Of a file on another machine nothing is read: nobody has asked for a question over the network, which takes a port, and where
 * there is none left it would be waited for. What a letter stands for GetDriveTypeW() knows without asking there.
 */
static bool is_far(const wchar_t *path)
{
	wchar_t root[] = L"A:\\";

	if (!wcsncmp(path, L"\\\\?\\", 4) && wcsncmp(path + 4, L"UNC\\", 4) != 0)
		path += 4;
	if (path[0] == L'\\' && path[1] == L'\\')
		return true;
	root[0] = path[0];
	return path[0] && path[1] == L':' && GetDriveTypeW(root) == DRIVE_REMOTE;
}

struct file_version file_version_read(const struct file_version_route *route, const char *path,
				      struct arena *arena)
{
	struct file_version version = { NULL };
	struct look *look;
	enum patience_end end;

	if (!route->size || !route->get || !route->query)
		return version;
	look = memory_zeroed(1, sizeof *look);
	look->route = *route;
	look->path = wide_path(path);
	if (is_far(look->path)) {
		release(look);
		return version;
	}
	end = patience_run(LONGEST_MS, ask, release, look);
	if (end == PATIENCE_OVER)
		return version;
	version.version = arena_copy(arena, look->texts[0]);
	version.product = arena_copy(arena, look->texts[1]);
	version.company = arena_copy(arena, look->texts[2]);
	release(look);
	return version;
}
