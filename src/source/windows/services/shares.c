#include "source/windows/services/services_route.h"

#include "base/arena.h"
#include "source/services.h"
#include "source/windows/services/registry.h"
#include "system/patience.h"
#include "system/windows/wide.h"

#include <stdlib.h>
#include <string.h>

/*
 * Shares of other machines that have a letter here: those that come back at every logon stand in the registry of the user,
 * HKCU\Network; those of now are known to the network providers (learn.microsoft.com, WNetOpenEnumW, RESOURCE_CONNECTED), one
 * of which may hang. Both are of whoever runs this: an administrator's other account has none of them.
 */
enum { LONGEST_MS = 3000, MOST_SHARES = 200, FIRST_SIZE = 16 << 10, LARGEST = 1 << 20 };

/* "\\server\share". What has an @ is WebDAV, "." and "?" are no machines, and tsclient is that of whoever is logged on remotely. */
static void add_share(struct services *services, const char *path, const char *from)
{
	struct service service = {
		.kind = SERVICE_FILES,
		.protocol = PROTOCOL_TCP,
		.port = SERVICE_SMB,
		.from = from,
	};
	size_t length;

	if (!path || strncmp(path, "\\\\", 2) != 0)
		return;
	path += 2;
	length = strcspn(path, "\\");
	if (memchr(path, '@', length) || (length == 1 && strchr(".?", *path)))
		return;
	service.host = arena_copy_length(&services->arena, path, length);
	if (strcasecmp(service.host, "tsclient"))
		services_add(services, service);
}

/* ---- those of every logon ---- */

struct letters {
	const struct services_route *route;
	struct services *services;
};

static void take_letter(void *context, const WCHAR *letter)
{
	struct letters *letters = context;
	struct arena *arena = &letters->services->arena;
	WCHAR key[300] = L"Network\\";
	char *name;

	if (wcslen(letter) > 260)
		return;
	wcscat(key, letter);
	name = wide_to_text(letter);
	add_share(letters->services,
		  registry_text(letters->route, HKEY_CURRENT_USER, key, L"RemotePath", arena),
		  arena_print(arena, "HKCU\\Network\\%s", name));
	free(name);
}

/* ---- those of now ---- */

/* What the thread works on: it is the thread's when the caller has given up. */
struct look {
	struct services_route route;
	char *paths[MOST_SHARES];
	size_t count;
};

static void take_batch(struct look *look, const NETRESOURCEW *items, DWORD count)
{
	for (DWORD i = 0; i < count && look->count < MOST_SHARES; i++)
		if (items[i].lpRemoteName)
			look->paths[look->count++] = wide_to_text(items[i].lpRemoteName);
}

static void enumerate(struct look *look, HANDLE shares)
{
	DWORD size = FIRST_SIZE, result;

	do {
		DWORD count = (DWORD)-1, needed = size;
		void *bytes = memory_zeroed(1, size);

		result = look->route.each_share(shares, &count, bytes, &needed);
		if (!result)
			take_batch(look, bytes, count);
		else if (result == ERROR_MORE_DATA)
			size = size * 2 > needed ? size * 2 : needed;
		free(bytes);
		/* Without any there is nothing more to come. */
		if (!result && !count)
			break;
	} while ((!result || result == ERROR_MORE_DATA) && size <= LARGEST &&
		 look->count < MOST_SHARES);
}

static void ask(void *context)
{
	struct look *look = context;
	HANDLE shares;

	if (look->route.open_shares(RESOURCE_CONNECTED, RESOURCETYPE_DISK, 0, NULL, &shares))
		return;
	enumerate(look, shares);
	look->route.close_shares(shares);
}

static void release(void *context)
{
	struct look *look = context;

	for (size_t i = 0; i < look->count; i++)
		free(look->paths[i]);
	free(look);
}

static void read_connected(const struct services_route *route, struct services *services)
{
	struct look *look;
	enum patience_end end;

	if (!route->open_shares || !route->each_share || !route->close_shares)
		return;
	look = memory_zeroed(1, sizeof *look);
	look->route = *route;
	end = patience_run(LONGEST_MS, ask, release, look);
	if (end == PATIENCE_OVER)
		return;
	for (size_t i = 0; i < look->count; i++)
		add_share(services, look->paths[i], "WNetEnumResource");
	release(look);
}

void services_read_shares(const struct services_route *route, struct services *services)
{
	struct letters letters = { route, services };

	registry_each_key(route, HKEY_CURRENT_USER, L"Network", take_letter, &letters);
	read_connected(route, services);
}
