#include "base/language.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/dump/handle_counts.h"
#include "source/artefact/dump/little_endian.h"
#include "source/artefact/dump/utf16.h"

#include <string.h>

/*
 * A minidump: one process of Windows, as procdump, Task Manager and dbghelp's MiniDumpWriteDump() write it. A header, a directory, and
 * streams that it points to; of these four are looked at. The memory, which is nearly all of the file, is not touched.
 *
 * Layout: minidumpapiset.h (MINIDUMP_HEADER and so on); every offset is from the beginning of the file.
 */
enum {
	HEADER_SIZE = 32,
	DIRECTORY_SIZE = 12,
	STREAMS_MOST = 1024, /* dbghelp writes about twenty */
	MODULE_SIZE = 108,
	MODULE_NAME_AT = 20,
	HANDLES_HEADER_LEAST = 16,
	HANDLE_LEAST = 32,	/* MINIDUMP_HANDLE_DESCRIPTOR; the second kind has 40 */
	HANDLES_MOST = 1 << 24, /* more no process can have */
	NAME_MOST = 1024,
	SHORT_NAME = 64, /* of a handle; that it is a socket is told by less */
};

enum { STREAM_MODULES = 4, STREAM_SYSTEM = 7, STREAM_HANDLES = 12, STREAM_MISC = 15 };

/* SystemInfo.PlatformId; Breakpad and Crashpad write minidumps of other systems from 0x8000 on. */
enum { PLATFORM_FOREIGN = 0x8000 };

struct stream {
	const uint8_t *bytes; /* NULL: it has none */
	size_t size;
};

struct minidump {
	const struct artefact_input *input;
	struct dossier *dossier;
	struct stream modules, system, handles, misc;
	int32_t pid; /* 0: not told */
	char name[NAME_MOST];
	struct handle_counts counts;
	uint64_t unread; /* handles of which not even the type could be read */
};

static bool is_minidump(const struct artefact_input *input)
{
	return input->size >= 4 && !memcmp(input->bytes, "MDMP", 4);
}

/* ---- the directory ---- */

static struct stream *place_of(struct minidump *dump, uint32_t type)
{
	switch (type) {
	case STREAM_MODULES:
		return &dump->modules;
	case STREAM_SYSTEM:
		return &dump->system;
	case STREAM_HANDLES:
		return &dump->handles;
	case STREAM_MISC:
		return &dump->misc;
	default:
		return NULL;
	}
}

/* What lies within the file of it. */
static void take_stream(struct minidump *dump, const uint8_t *entry)
{
	const struct artefact_input *input = dump->input;
	struct stream *stream = place_of(dump, little_endian_32(entry));
	size_t size = little_endian_32(entry + 4), at = little_endian_32(entry + 8);

	if (!stream || stream->bytes || !size)
		return;
	if (at >= input->size) {
		dossier_note(dump->dossier,
			     _("stream %u begins at byte %zu, behind the end of the file"),
			     little_endian_32(entry), at);
		return;
	}
	if (size > input->size - at) {
		dossier_note(dump->dossier,
			     _("stream %u at byte %zu is cut by the end of the file"),
			     little_endian_32(entry), at);
		size = input->size - at;
	}
	*stream = (struct stream){ input->bytes + at, size };
}

static int read_directory(struct minidump *dump, struct error *error)
{
	const struct artefact_input *input = dump->input;
	size_t count, at;

	if (input->size < HEADER_SIZE)
		return error_set(error,
				 _("a minidump that ends at byte %zu, within its header"),
				 input->size);
	count = little_endian_32(input->bytes + 8);
	at = little_endian_32(input->bytes + 12);
	if (count > STREAMS_MOST) {
		dossier_note(dump->dossier,
			     _("its header tells of %zu streams; the first %d were looked at"),
			     count, STREAMS_MOST);
		count = STREAMS_MOST;
	}
	if (at > input->size || count > (input->size - at) / DIRECTORY_SIZE)
		return error_set(
			error,
			_("a minidump whose directory, at byte %zu, is not within the file"),
			at);
	for (size_t i = 0; i < count; i++)
		take_stream(dump, input->bytes + at + i * DIRECTORY_SIZE);
	return 0;
}

/* ---- small facts ---- */

/* A MINIDUMP_STRING: its length in bytes, then UTF-16. 0 also where it is not within the file. */
static size_t read_text(const struct minidump *dump, uint32_t at, char *text, size_t size)
{
	const struct artefact_input *input = dump->input;
	size_t length;

	*text = '\0';
	if (!at || at > input->size || input->size - at < 4)
		return 0;
	length = little_endian_32(input->bytes + at);
	if (length > input->size - at - 4)
		return 0;
	return utf16_to_utf8(input->bytes + at + 4, length, text, size);
}

/* The first module is the program. The list is padded to eight bytes by some writers. */
static void read_name(struct minidump *dump)
{
	const struct stream *modules = &dump->modules;
	char path[NAME_MOST], *name;
	size_t count, at = 4;

	if (modules->size < at + MODULE_SIZE)
		return;
	count = little_endian_32(modules->bytes);
	if (!count)
		return;
	if (modules->size >= 8 && modules->size - 8 == count * (uint64_t)MODULE_SIZE)
		at = 8;
	if (modules->size - at < MODULE_SIZE)
		return;
	read_text(dump, little_endian_32(modules->bytes + at + MODULE_NAME_AT), path,
		  sizeof path);
	name = strrchr(path, '\\');
	name = name ? name + 1 : path;
	memcpy(dump->name, name, strlen(name) + 1);
}

static int read_system(struct minidump *dump, struct error *error)
{
	const struct stream *system = &dump->system;
	uint32_t build;

	if (system->size < 24)
		return 0;
	if (little_endian_32(system->bytes + 20) >= PLATFORM_FOREIGN)
		return error_set(error, "%s",
				 _("a minidump of a program that did not run on Windows"));
	build = little_endian_32(system->bytes + 16);
	dossier_speaks_for(dump->dossier, FROM_WINDOWS);
	if (build && build <= INT32_MAX)
		dossier_windows(dump->dossier)->build = (int)build;
	return 0;
}

/* The process as an object of the dossier; NULL: its number is not told. */
static struct process *read_process(struct minidump *dump)
{
	enum { HAS_PID = 1, HAS_TIMES = 2 };
	const struct stream *misc = &dump->misc;
	struct process *process;
	uint32_t flags, pid;

	if (misc->size < 12)
		return NULL;
	flags = little_endian_32(misc->bytes + 4);
	pid = little_endian_32(misc->bytes + 8);
	if (!(flags & HAS_PID) || !pid || pid > INT32_MAX)
		return NULL;
	dump->pid = (int32_t)pid;
	process = dossier_process(dump->dossier, dump->pid);
	if (!process->name && *dump->name)
		process->name = dossier_text(dump->dossier,
					     (struct span){ dump->name, strlen(dump->name) });
	if (flags & HAS_TIMES && misc->size >= 16)
		process->start_time = little_endian_32(misc->bytes + 12);
	return process;
}

/* ---- handles ---- */

static struct span span_of(const char *text, size_t length)
{
	return (struct span){ text, length };
}

static void count_handle(struct minidump *dump, const uint8_t *descriptor)
{
	char type[SHORT_NAME], object[SHORT_NAME];
	size_t length = read_text(dump, little_endian_32(descriptor + 8), type, sizeof type);
	struct handle_seen seen = { .pid = dump->pid ? dump->pid : 1 };

	dump->unread += !length;
	seen.type = span_of(type, length);
	length = read_text(dump, little_endian_32(descriptor + 12), object, sizeof object);
	seen.object = span_of(object, length);
	handle_counts_add(&dump->counts, dump->dossier, &seen);
}

static void count_handles(struct minidump *dump)
{
	const struct stream *handles = &dump->handles;
	size_t header, size, count, there;

	if (handles->size < HANDLES_HEADER_LEAST)
		return;
	header = little_endian_32(handles->bytes);
	size = little_endian_32(handles->bytes + 4);
	count = little_endian_32(handles->bytes + 8);
	if (header < HANDLES_HEADER_LEAST || header > handles->size || size < HANDLE_LEAST) {
		dossier_note(dump->dossier,
			     _("its list of handles, at byte %zu, is of an unknown form"),
			     (size_t)(handles->bytes - dump->input->bytes));
		return;
	}
	there = (handles->size - header) / size;
	if (count > there) {
		dossier_note(dump->dossier,
			     _("its list of handles has %zu entries, of which %zu are there"),
			     count, there);
		count = there;
	}
	if (count > HANDLES_MOST)
		count = HANDLES_MOST;
	for (size_t i = 0; i < count; i++)
		count_handle(dump, handles->bytes + header + i * size);
}

/* Without a number of the process they cannot be joined with anything; then they are told, and no more. */
static int tell_orphans(const struct minidump *dump, struct error *error)
{
	const struct counted_process *counted = dump->counts.processes;

	return error_set(
		error,
		_("a minidump of %s that does not tell its process number; it has %lld handles, "
		  "%lld of them sockets"),
		*dump->name ? dump->name : "?",
		(long long)(dump->counts.process_count ? counted->total : 0),
		(long long)(dump->counts.process_count ? counted->sockets : 0));
}

static void tell_no_handles(const struct minidump *dump)
{
	dossier_note(dump->dossier,
		     _("a minidump of %s, pid %d, without its handles; procdump -ma %d writes "
		       "one that has them"),
		     *dump->name ? dump->name : "?", dump->pid, dump->pid);
}

static int read_streams(struct minidump *dump, struct error *error)
{
	struct process *process;

	read_name(dump);
	if (read_system(dump, error))
		return -1;
	process = read_process(dump);
	count_handles(dump);
	if (!process)
		return tell_orphans(dump, error);
	dossier_speaks_for(dump->dossier, FROM_WINDOWS);
	if (!dump->counts.process_count)
		tell_no_handles(dump);
	if (dump->unread)
		dossier_note(dump->dossier,
			     P_("the type of %llu handle is not within the file",
				"the types of %llu handles are not within the file",
				(unsigned long)dump->unread),
			     (unsigned long long)dump->unread);
	handle_counts_finish(&dump->counts, dump->dossier);
	return 0;
}

static int read_minidump(const struct artefact_input *input, struct dossier *dossier,
			 struct error *error)
{
	struct minidump dump = { .input = input, .dossier = dossier };
	int result;

	dossier_name_part(dossier, "minidump");
	result = read_directory(&dump, error);
	if (!result)
		result = read_streams(&dump, error);
	handle_counts_free(&dump.counts);
	return result;
}

const struct artefact_kind artefact_minidump = { .name = "minidump",
						 .is = is_minidump,
						 .read = read_minidump };
