#include "base/filetime.h"
#include "base/language.h"
#include "base/text.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/dump/little_endian.h"

#include <stdio.h>
#include <string.h>

/*
 * A memory dump of a whole Windows machine. Its header says what it is of; who has which handle and which port lies in structures of
 * the kernel, which differ from build to build and are found with Microsoft's symbols only. That is left to tools that do so: what is
 * told is what this dump can answer at all, and by which command.
 *
 * Layout: DUMP_HEADER and DUMP_HEADER64 as LeechCore device_file.c, volatility3 symbols/windows/crash64.json and kdmp-parser have
 * them. What Windows does not fill in is "PAGE" over and over.
 */
static const uint8_t magic32[] = { 'P', 'A', 'G', 'E', 'D', 'U', 'M', 'P' };
static const uint8_t magic64[] = { 'P', 'A', 'G', 'E', 'D', 'U', '6', '4' };

struct layout {
	size_t size; /* of the header */
	size_t processors, bug_check, type, time;
};

static const struct layout layout32 = { 0x1000, 0x24, 0x28, 0xF88, 0xFC0 };
static const struct layout layout64 = { 0x2000, 0x34, 0x38, 0xF98, 0xFA8 };

enum { BUILD_AT = 0x0C, NOT_FILLED = 0x45474150 };

/* The bug check of a dump that was taken while the machine went on: Task Manager, Get-StorageDiagnosticInfo
 * (learn.microsoft.com, Bug Check 0x161: LIVE_SYSTEM_DUMP). */
enum { LIVE_SYSTEM_DUMP = 0x161 };

/* Who can answer from it. */
enum answers { ANSWERS_ALL, ANSWERS_HANDLES, ANSWERS_NOTHING };

/*
 * volatility 3 reads the types 1 and 5 (layers/crash.py, supported_dumptypes); MemProcFS 1, later versions 5 too. Of the others the
 * kernel debugger alone makes something, if the kernel's own memory is in it.
 */
static const struct kind {
	uint32_t type;
	const char *name, *title;
	enum answers answers;
} kinds[] = {
	{ 1, "dump-complete", N_("a complete memory dump"), ANSWERS_ALL },
	{ 2, "dump-kernel", N_("a kernel memory dump"), ANSWERS_HANDLES },
	{ 3, "dump-header", N_("the header of a memory dump, without memory"),
	  ANSWERS_NOTHING },
	{ 4, "dump-small", N_("a small memory dump, of the crash alone"), ANSWERS_NOTHING },
	{ 5, "dump-active", N_("an active memory dump (bitmap, user memory too)"),
	  ANSWERS_ALL },
	{ 6, "dump-kernel-bitmap", N_("a kernel memory dump (bitmap)"), ANSWERS_HANDLES },
	{ 7, "dump-automatic", N_("an automatic memory dump, of the kernel's memory"),
	  ANSWERS_HANDLES },
	{ 8, "dump-kernel", N_("a kernel memory dump of a debugger"), ANSWERS_HANDLES },
	{ 9, "dump-kernel-user", N_("a debugger's dump of kernel and user memory"),
	  ANSWERS_HANDLES },
	{ 10, "dump-complete", N_("a complete memory dump of a debugger"), ANSWERS_HANDLES },
};

static const struct kind unknown_kind = { 0, "dump", N_("a memory dump of an unknown type"),
					  ANSWERS_NOTHING };

static bool is_dump(const struct artefact_input *input)
{
	return input->size >= sizeof magic32 &&
	       (!memcmp(input->bytes, magic32, sizeof magic32) ||
		!memcmp(input->bytes, magic64, sizeof magic64));
}

static const struct kind *kind_of(uint32_t type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return &unknown_kind;
}

/* ---- what it says of the machine ---- */

/* 0: it is not filled in, or no date of a machine that has such dumps. */
static int64_t unix_time(uint64_t filetime)
{
	static const int64_t year_2000_s = INT64_C(946684800);
	static const int64_t year_2200_s = INT64_C(7258118400);
	int64_t seconds = filetime_to_unix_s(filetime);

	return seconds < year_2000_s || seconds > year_2200_s ? 0 : seconds;
}

static size_t append(char *text, size_t size, size_t at, const char *more)
{
	int length = snprintf(text + at, size - at, "%s", more);

	return length > 0 && (size_t)length < size - at ? at + (size_t)length : at;
}

static size_t append_number(char *text, size_t size, size_t at, const char *format,
			    uint32_t number)
{
	char more[96];

	snprintf(more, sizeof more, format, number);
	return append(text, size, at, more);
}

static size_t append_time(char *text, size_t size, size_t at, uint64_t filetime)
{
	int64_t seconds = unix_time(filetime);
	char date[32];

	if (!seconds)
		return at;
	text_time(date, seconds * 1000);
	date[strlen("2025-01-22")] = ' ';
	date[strlen("2025-01-22 13:05:09")] = '\0';
	at = append(text, size, at, ", ");
	at = append(text, size, at, date);
	return append(text, size, at, " UTC");
}

/* ", Windows build 20348, 8 processors, 2025-01-22 13:05:09 UTC, bug check 0xE2" */
static void tell_machine(const struct artefact_input *input, const struct layout *layout,
			 char *text, size_t size)
{
	const uint8_t *header = input->bytes;
	uint32_t build = little_endian_32(header + BUILD_AT);
	uint32_t processors = little_endian_32(header + layout->processors);
	uint32_t bug_check = little_endian_32(header + layout->bug_check);
	size_t at = 0;

	text[0] = '\0';
	if (build && build != NOT_FILLED)
		at = append_number(text, size, at, _(", Windows build %u"), build);
	if (processors && processors != NOT_FILLED)
		at = append_number(text, size, at,
				   P_(", %u processor", ", %u processors", processors),
				   processors);
	at = append_time(text, size, at, little_endian_64(header + layout->time));
	if (bug_check == LIVE_SYSTEM_DUMP)
		append(text, size, at, _(", taken while it ran"));
	else if (bug_check && bug_check != NOT_FILLED)
		append_number(text, size, at, _(", bug check 0x%X"), bug_check);
}

/* ---- what can be made of it ---- */

/* The last part of the name if it can be pasted into any shell as it is. */
static const char *file_for_command(const struct artefact_input *input)
{
	const char *name = input->name + strlen(input->name);
	size_t length;

	while (name > input->name && !strchr("/\\", name[-1]))
		name--;
	length = strlen(name);

	if (!length || length > 60 || *name == '-' ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") <
		    length)
		return "FILE";
	return name;
}

static void tell_way(const struct artefact_input *input, const struct kind *kind,
		     const char *machine, struct dossier *dossier)
{
	const char *file = file_for_command(input);

	switch (kind->answers) {
	case ANSWERS_ALL:
		dossier_note(
			dossier,
			_("%s%s: give portroom what volatility 3 makes of it: "
			  "vol -f %s windows.netscan >netscan.txt; "
			  "vol -f %s windows.handles >handles.txt; or MemProcFS, -device %s "
			  "-forensic 1: forensic/csv/net.csv, handles.csv"),
			_(kind->title), machine, file, file, file);
		break;
	case ANSWERS_HANDLES:
		dossier_note(
			dossier,
			_("%s%s: it tells how many handles a process had, not who had which "
			  "port. Give portroom what the debugger prints: "
			  "kd -z %s -c \"!process 0 0; q\" >process.txt. A complete dump tells "
			  "more: portroom explain memory-dump"),
			_(kind->title), machine, file);
		break;
	case ANSWERS_NOTHING:
		dossier_note(dossier,
			     _("%s%s: it has neither handles nor ports; only a complete dump "
			       "does: portroom explain memory-dump"),
			     _(kind->title), machine);
	}
}

static void keep_build(const struct artefact_input *input, struct dossier *dossier)
{
	uint32_t build = little_endian_32(input->bytes + BUILD_AT);

	dossier_speaks_for(dossier, FROM_WINDOWS);
	if (!build || build == NOT_FILLED || build > INT32_MAX)
		return;
	dossier_windows(dossier)->build = (int)build;
	dossier_used_for(dossier, N_("the system's version"));
	dossier_count_records(dossier, 1);
}

static int read_dump(const struct artefact_input *input, struct dossier *dossier,
		     struct error *error)
{
	bool is_64 = !memcmp(input->bytes, magic64, sizeof magic64);
	const struct layout *layout = is_64 ? &layout64 : &layout32;
	const struct kind *kind;
	char machine[256];

	if (input->size < layout->size)
		return error_set(
			error,
			_("a memory dump of Windows that ends at byte %zu, within its header"),
			input->size);
	kind = kind_of(little_endian_32(input->bytes + layout->type));
	dossier_name_part(dossier, kind->name);
	keep_build(input, dossier);
	tell_machine(input, layout, machine, sizeof machine);
	tell_way(input, kind, machine, dossier);
	return 0;
}

const struct artefact_kind artefact_windows_dump = { .name = "windows-dump",
						     .is = is_dump,
						     .read = read_dump };
