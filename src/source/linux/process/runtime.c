#include "source/linux/process/runtime.h"

#include "base/language.h"
#include "snapshot/snapshot.h"
#include "source/linux/process/descriptors.h"
#include "source/linux/process/elf_section.h"
#include "source/linux/reading.h"
#include "system/patience.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A program in Go is named after itself, and so is one in Java or .NET with a launcher of its own.
 * What cannot be renamed tells:
 *
 * Go's linker puts the build's information into a section of its own, which stripping leaves in
 * place (Go src/debug/buildinfo/buildinfo.go).
 *
 * A Java or .NET program runs in a library that it has mapped. A .NET program of a single file has
 * the library inside; it maps what it compiles twice, to write and to execute, from a memory file
 * with a name (.NET src/coreclr/minipal/Unix/doublemapping.cpp; since .NET 7 this is the default).
 *
 * Nothing is run, and what is read chooses among these titles, no more. The executable may lie on a
 * file system that answers no more, hence the limited patience.
 *
 * A process costs about 0.2 ms and one of 64,000 mappings 23 ms, so a quiet machine pays nothing and
 * a busy one 3 ms.
 */
enum {
	SUSPECTS = 16,
	SUSPICIOUS_SOCKETS = 16, /* fewer use up no range */
	LONGEST_MS = 1000,
	LONGEST_MAPS = 4 << 20, /* some 40,000 mappings; the libraries come near the end */
};

static const struct {
	const char *mapped, *title;
} mappings[] = {
	{ "/libjvm.so", "Java" },
	{ "/libcoreclr.so", ".NET" },
	{ "/memfd:doublemapper", ".NET" },
};

static const char deleted[] = " (deleted)";

static bool ends_with(const char *line, size_t length, const char *tail)
{
	size_t size = strlen(tail);

	return length >= size && !memcmp(line + length - size, tail, size);
}

/* "7f01a2b3c000-7f01a2b3d000 r-xp 00000000 08:01 1234       /usr/lib/jvm/.../libjvm.so", without its
 * newline. Code that is only lying about is not executable. */
static const char *runtime_mapped(const char *line, size_t length)
{
	const char *rights = memchr(line, ' ', length);

	if (!rights || line + length - rights < 5 || rights[3] != 'x')
		return NULL;
	if (ends_with(line, length, deleted))
		length -= strlen(deleted);
	for (size_t i = 0; i < sizeof mappings / sizeof mappings[0]; i++)
		if (ends_with(line, length, mappings[i].mapped))
			return mappings[i].title;
	return NULL;
}

/* Of the first bytes of the text, how many were whole lines; the last line may go on. */
static size_t read_lines(const char *text, size_t length, const char **title)
{
	size_t at = 0;
	const char *end;

	while (!*title && (end = memchr(text + at, '\n', length - at))) {
		*title = runtime_mapped(text + at, (size_t)(end - text) - at);
		at = (size_t)(end - text) + 1;
	}
	return at;
}

/* The kernel writes whole lines, no longer than a page each; a copy may have longer ones, which are
 * passed over in pieces. */
static const char *runtime_by_mappings(int directory)
{
	int fd = openat(directory, "maps", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *title = NULL;
	size_t kept = 0, total = 0;
	char text[16384];
	ssize_t got;

	if (fd < 0)
		return NULL;
	while (!title && total < LONGEST_MAPS &&
	       (got = read(fd, text + kept, sizeof text - kept)) > 0) {
		size_t length = kept + (size_t)got;
		size_t used = read_lines(text, length, &title);

		total += (size_t)got;
		kept = length - used == sizeof text ? 0 : length - used;
		memmove(text, text + used, kept);
	}
	close(fd);
	return title;
}

static bool is_go(int directory)
{
	int fd = openat(directory, "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool found;

	if (fd < 0)
		return false;
	found = elf_section_exists(fd, ".go.buildinfo");
	close(fd);
	return found;
}

const char *runtime_of(int directory)
{
	return is_go(directory) ? "Go" : runtime_by_mappings(directory);
}

struct suspect {
	uint32_t process, sockets;
	int32_t pid;
	uint64_t start_ticks;
	const char *runtime;
};

struct suspects {
	struct suspect list[SUSPECTS]; /* most sockets first */
	size_t count;
};

static void look_at(struct suspect *suspect)
{
	char path[32];
	int directory;

	snprintf(path, sizeof path, "/proc/%d", suspect->pid);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return;
	if (descriptors_start_ticks(directory) == suspect->start_ticks)
		suspect->runtime = runtime_of(directory);
	close(directory);
}

static void work(void *context)
{
	struct suspects *suspects = context;

	for (size_t i = 0; i < suspects->count; i++)
		look_at(&suspects->list[i]);
}

static void keep_if_among_most(struct suspects *suspects, const struct suspect *suspect)
{
	size_t at = suspects->count;

	if (at == SUSPECTS && suspects->list[--at].sockets >= suspect->sockets)
		return;
	for (; at && suspects->list[at - 1].sockets < suspect->sockets; at--)
		suspects->list[at] = suspects->list[at - 1];
	suspects->list[at] = *suspect;
	suspects->count += suspects->count < SUSPECTS;
}

static void find_suspects(const struct snapshot *snapshot, struct suspects *suspects)
{
	uint32_t *sockets = memory_zeroed(snapshot->process_count, sizeof *sockets);

	for (size_t i = 0; i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];

		if (holding->key.owner_kind == OWNER_PROCESS)
			sockets[holding->key.owner] += holding->sockets;
	}
	for (size_t i = 0; i < snapshot->process_count; i++) {
		const struct process *process = &snapshot->processes[i];

		if (sockets[i] >= SUSPICIOUS_SOCKETS && process->start_ticks)
			keep_if_among_most(suspects,
					   &(struct suspect){
						   .process = (uint32_t)i,
						   .sockets = sockets[i],
						   .pid = process->pid,
						   .start_ticks = process->start_ticks,
					   });
	}
	free(sockets);
}

static bool take_results(struct snapshot *snapshot, const struct suspects *suspects)
{
	bool found = false;

	for (size_t i = 0; i < suspects->count; i++) {
		const struct suspect *suspect = &suspects->list[i];

		snapshot->processes[suspect->process].runtime = suspect->runtime;
		found = found || suspect->runtime;
	}
	return found;
}

void runtime_read(struct reading *reading)
{
	struct source_report report = { .name = "runtimes", .sockets = -1 };
	struct suspects *suspects = memory_zeroed(1, sizeof *suspects);
	double start = reading_now_ms();

	find_suspects(reading->snapshot, suspects);
	if (!suspects->count) {
		free(suspects);
		return;
	}
	switch (patience_run(LONGEST_MS, work, free, suspects)) {
	case PATIENCE_DONE:
		report.used = take_results(reading->snapshot, suspects);
		report.why_not = _("no program with many sockets shows one");
		free(suspects);
		break;
	case PATIENCE_OVER:
		report.why_not = _("they could not be read within a second");
		break;
	case PATIENCE_NO_THREAD:
		report.why_not = _("no thread can be started");
		free(suspects);
		break;
	}
	report.milliseconds = reading_now_ms() - start;
	snapshot_add_source(reading->snapshot, &report);
}
