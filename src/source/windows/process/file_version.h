#pragma once

#include <windows.h>

struct arena;

/*
 * What an executable says of itself: its version resource.
 */
struct file_version_route {
	DWORD(WINAPI *size)(LPCWSTR path, DWORD *zero);
	BOOL(WINAPI *get)(LPCWSTR path, DWORD zero, DWORD size, void *bytes);
	BOOL(WINAPI *query)(const void *bytes, LPCWSTR about, void **value, UINT *size);
};

void file_version_find(struct file_version_route *route);

/* Text of the arena; NULL: it does not tell. */
struct file_version {
	const char *version, *product, *company;
};

/* Within about a second, whatever the file is on. */
struct file_version file_version_read(const struct file_version_route *route, const char *path,
				      struct arena *arena);
