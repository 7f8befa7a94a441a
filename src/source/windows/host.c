#include "source/windows/host.h"

#include "source/host.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/snapshot.h"
#include "system/clock.h"
#include "system/windows/elevation.h"
#include "system/windows/library.h"
#include "system/windows/wide.h"
#include "system/windows/wine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <winternl.h>

#define CURRENT_VERSION L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"

static const char *take_wide(struct arena *arena, const wchar_t *wide)
{
	char *text = wide_to_text(wide);
	const char *copy = arena_copy(arena, text);

	free(text);
	return copy;
}

/* ---- the registry ---- */

static const char *text_value(struct arena *arena, const wchar_t *name)
{
	wchar_t value[200];
	DWORD size = sizeof value;

	if (RegGetValueW(HKEY_LOCAL_MACHINE, CURRENT_VERSION, name, RRF_RT_REG_SZ, NULL, value,
			 &size))
		return NULL;
	return take_wide(arena, value);
}

/* The fourth part of the version, which grows with every month's update. */
static bool read_revision(DWORD *revision)
{
	DWORD size = sizeof *revision;

	return !RegGetValueW(HKEY_LOCAL_MACHINE, CURRENT_VERSION, L"UBR", RRF_RT_REG_DWORD,
			     NULL, revision, &size);
}

/* ---- the system ---- */

/* ProductName says "Windows 10" of Windows 11 as well, whose builds begin with 22000 (learn.microsoft.com, "Windows 11 - release
 * information"). */
const char *host_system_of(const char *product, const char *release, unsigned build)
{
	enum { FIRST_ELEVEN = 22000 };
	static const char ten[] = "Windows 10";
	static char text[300];
	const char *at = product ? strstr(product, ten) : NULL;

	if (!product)
		return "Windows";
	if (at && build >= FIRST_ELEVEN)
		snprintf(text, sizeof text, "%.*sWindows 11%s", (int)(at - product), product,
			 at + strlen(ten));
	else
		snprintf(text, sizeof text, "%s", product);
	if (release)
		snprintf(text + strlen(text), sizeof text - strlen(text), " %s", release);
	return text;
}

/* Other functions tell a program that has no manifest that it runs on Windows 8. */
static bool read_version(RTL_OSVERSIONINFOW *version)
{
	NTSTATUS(WINAPI * get_version)(RTL_OSVERSIONINFOW *);

	*version = (RTL_OSVERSIONINFOW){ .dwOSVersionInfoSize = sizeof *version };
	return library_find(get_version, "ntdll.dll", "RtlGetVersion") &&
	       !get_version(version);
}

static void describe_system(struct snapshot *snapshot)
{
	struct arena *arena = &snapshot->arena;
	RTL_OSVERSIONINFOW version;
	/* Whoever reads what was saved must know that this is no Windows. */
	const char *wine = wine_version(), *release;
	bool known = read_version(&version);
	DWORD revision;

	release = text_value(arena, L"DisplayVersion");
	release = release ? release : text_value(arena, L"ReleaseId");
	snapshot->system =
		arena_copy(arena, host_system_of(text_value(arena, L"ProductName"), release,
						 known ? version.dwBuildNumber : 0));
	if (wine)
		snapshot->system = arena_print(arena, "%s (Wine %s)", snapshot->system, wine);
	if (!known)
		return;
	if (snapshot->windows)
		snapshot->windows->build = (int)version.dwBuildNumber;
	snapshot->kernel = arena_print(arena, "%lu.%lu.%lu", version.dwMajorVersion,
				       version.dwMinorVersion, version.dwBuildNumber);
	if (read_revision(&revision))
		snapshot->kernel = arena_print(arena, "%s.%lu", snapshot->kernel, revision);
}

static void describe_name(struct snapshot *snapshot)
{
	wchar_t name[256];
	DWORD length = sizeof name / sizeof *name;

	if (GetComputerNameExW(ComputerNameDnsHostname, name, &length))
		snapshot->host_name = take_wide(&snapshot->arena, name);
}

void host_identify(struct snapshot *snapshot)
{
	describe_name(snapshot);
	describe_system(snapshot);
}

/* ---- us ---- */

void host_describe(struct snapshot *snapshot)
{
	snapshot->time_ms = clock_now_ms();
	snapshot->files_open = -1;
	snapshot->descriptor_ceiling = -1;
	host_identify(snapshot);
	if (!elevation_is_full())
		snapshot_add_gap(
			snapshot, GAP_OWNERS, -1,
			_("what processes of other users and of the system have open"),
			_("portroom does not run as administrator"),
			_("run it as administrator"));
}
