#include "source/artefact/dossier.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* A file may have been made to have more than any machine. */
enum {
	MOST_NAMES = 1 << 20,
	MOST_NAME_BYTES = 64 << 20,
	MOST_PIDS = 1 << 17,
	MOST_TEXT = 1024,
};

void dossier_speaks_for(struct dossier *dossier, enum dossier_system system)
{
	dossier->systems[system]++;
}

/* FNV-1a. Where two texts have the same, the second is not shared: somebody may have made them so. */
static uint64_t hash_text(struct span text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (uint8_t)text.text[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* More names are not told: they would be nothing but memory. */
static const char *keep_text(struct dossier *dossier, struct span text)
{
	if (dossier->name_count == MOST_NAMES ||
	    dossier->name_bytes + text.length > MOST_NAME_BYTES)
		return NULL;
	dossier->name_bytes += text.length;
	return arena_copy_length(&dossier->snapshot->arena, text.text, text.length);
}

const char *dossier_text(struct dossier *dossier, struct span text)
{
	const struct indexed names = { dossier->names, dossier->name_count,
				       sizeof *dossier->names, sizeof(uint64_t) };
	const char *kept;
	uint64_t hash;
	size_t at;

	if (text.length > MOST_TEXT)
		text.length = MOST_TEXT;
	hash = hash_text(text);
	at = index_find(&dossier->name_index, &names, &hash);
	if (at < dossier->name_count && strlen(dossier->names[at].text) == text.length &&
	    !memcmp(dossier->names[at].text, text.text, text.length))
		return dossier->names[at].text;
	kept = keep_text(dossier, text);
	if (!kept)
		return "?";
	if (at < dossier->name_count)
		return kept;
	index_find_or_add(&dossier->name_index, &names, &hash);
	array_reserve(dossier->names, dossier->name_count, dossier->name_capacity);
	dossier->names[dossier->name_count++] =
		(struct dossier_name){ .hash = hash, .text = kept };
	return kept;
}

static uint32_t add_process(struct dossier *dossier, int32_t pid)
{
	struct process process = process_unread(pid);

	process.is_told_by_pid = true;
	return snapshot_add_process(dossier->snapshot, &process);
}

/* Of more processes than any machine has, nobody is taken for another: they are one without a number. */
static uint32_t crowd_of(struct dossier *dossier)
{
	if (dossier->crowd < 0)
		dossier->crowd = add_process(dossier, 0);
	return (uint32_t)dossier->crowd;
}

uint32_t dossier_process_index(struct dossier *dossier, int32_t pid)
{
	const struct indexed pids = { dossier->pids, dossier->pid_count, sizeof *dossier->pids,
				      sizeof(int32_t) };
	bool is_full = dossier->pid_count == MOST_PIDS;
	size_t at = is_full ? index_find(&dossier->pid_index, &pids, &pid) :
			      index_find_or_add(&dossier->pid_index, &pids, &pid);

	if (at < dossier->pid_count)
		return dossier->pids[at].process;
	if (is_full)
		return crowd_of(dossier);
	array_reserve(dossier->pids, dossier->pid_count, dossier->pid_capacity);
	dossier->pids[dossier->pid_count] =
		(struct dossier_pid){ pid, add_process(dossier, pid) };
	return dossier->pids[dossier->pid_count++].process;
}

const char *dossier_name_of(const struct dossier *dossier, int32_t pid)
{
	const struct indexed pids = { dossier->pids, dossier->pid_count, sizeof *dossier->pids,
				      sizeof(int32_t) };
	size_t at = dossier->pid_count ? index_find(&dossier->pid_index, &pids, &pid) : 0;

	return at < dossier->pid_count ?
		       dossier->snapshot->processes[dossier->pids[at].process].name :
		       NULL;
}

struct process *dossier_process(struct dossier *dossier, int32_t pid)
{
	uint32_t index = dossier_process_index(dossier, pid); /* may move them */

	return &dossier->snapshot->processes[index];
}

struct windows *dossier_windows(struct dossier *dossier)
{
	struct snapshot *snapshot = dossier->snapshot;

	dossier_speaks_for(dossier, FROM_WINDOWS);
	if (!snapshot->windows) {
		snapshot->windows = arena_alloc(&snapshot->arena, sizeof *snapshot->windows);
		*snapshot->windows = windows_unread();
	}
	return snapshot->windows;
}
