#include "source/artefact/dump/handle_counts.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"

#include <stdlib.h>
#include <string.h>

/* More processes than any machine has. */
enum { PROCESSES_MOST = 1 << 15, TYPE_NAME_MOST = 40 };

static const struct span other_types = { "other", 5 };

/* ---- sockets ---- */

static bool takes(struct span *name, const char *text)
{
	size_t length = strlen(text);

	if (name->length < length || !span_is_like((struct span){ name->text, length }, text))
		return false;
	name->text += length;
	name->length -= length;
	return true;
}

/* CSV of Python may double what escapes. */
static void take_backslashes(struct span *name)
{
	while (takes(name, "\\"))
		;
}

/*
 * A socket is a file object of the device Afd. What is opened is \Device\Afd\Endpoint, and tools tell the device alone (handle.exe,
 * !handle), both (volatility), or \Afd\Endpoint (MemProcFS: vmmwin.c, VmmWinHandle_InitializeText_DoWork()). Other names below it are
 * no sockets but helpers of a runtime, such as \Device\Afd\Mio.
 */
static bool is_socket(struct span name)
{
	take_backslashes(&name);
	if (takes(&name, "Device"))
		take_backslashes(&name);
	if (!takes(&name, "Afd"))
		return false;
	take_backslashes(&name);
	return !name.length || span_is_like(name, "Endpoint");
}

/* ---- types ---- */

/* Of Windows all begin with a capital letter. Listings of memory have rubbish where a page was missing. */
static bool is_type_name(struct span type)
{
	if (type.length < 2 || type.length > TYPE_NAME_MOST || type.text[0] < 'A' ||
	    type.text[0] > 'Z')
		return false;
	for (size_t i = 1; i < type.length; i++) {
		char c = type.text[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!letter && !(c >= '0' && c <= '9') && c != ' ' && c != '_' && c != '-')
			return false;
	}
	return true;
}

static size_t type_of(struct handle_counts *counts, struct dossier *dossier, struct span type)
{
	const struct indexed types = { counts->types, counts->type_count,
				       sizeof *counts->types, sizeof *counts->types };
	struct counted_type key = { dossier_text(dossier,
						 is_type_name(type) ? type : other_types) };
	size_t at = index_find(&counts->type_index, &types, &key);

	if (at < counts->type_count)
		return at;
	/* The last place is kept for all others. */
	if (counts->type_count >= HANDLE_TYPES_MOST - 1)
		key.name = dossier_text(dossier, other_types);
	at = index_find_or_add(&counts->type_index, &types, &key);
	if (at == counts->type_count)
		counts->types[counts->type_count++] = key;
	return at;
}

/* ---- processes ---- */

static struct counted_process *process_of(struct handle_counts *counts, int32_t pid)
{
	const struct indexed pids = { counts->processes, counts->process_count,
				      sizeof *counts->processes, sizeof pid };
	size_t at = index_find(&counts->pid_index, &pids, &pid);

	if (at < counts->process_count)
		return &counts->processes[at];
	if (counts->process_count == PROCESSES_MOST)
		return NULL;
	index_find_or_add(&counts->pid_index, &pids, &pid);
	array_reserve(counts->processes, counts->process_count, counts->process_capacity);
	counts->processes[counts->process_count] = (struct counted_process){ .pid = pid };
	return &counts->processes[counts->process_count++];
}

void handle_counts_add(struct handle_counts *counts, struct dossier *dossier,
		       const struct handle_seen *handle)
{
	struct counted_process *process = process_of(counts, handle->pid);

	if (!process) {
		counts->left_out++;
		return;
	}
	process->total++;
	if (!process->name && handle->process.length)
		process->name = dossier_text(dossier, handle->process);
	if (span_is_like(handle->type, "File")) {
		if (is_socket(handle->object)) {
			process->sockets++;
			return;
		}
		process->unnamed_files += !handle->object.length;
	}
	process->types[type_of(counts, dossier, handle->type)]++;
}

/* ---- into the dossier ---- */

static int by_count(const void *a, const void *b)
{
	const struct open_kind *left = a, *right = b;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return strcmp(left->name, right->name);
}

static void give_kinds(const struct handle_counts *counts, const struct counted_process *from,
		       struct dossier *dossier, struct process *process)
{
	struct open_kind kinds[HANDLE_TYPES_MOST + 1];
	size_t count = 0;

	if (from->sockets)
		kinds[count++] = (struct open_kind){ OPEN_KIND_AFD, from->sockets };
	for (size_t i = 0; i < counts->type_count; i++)
		if (from->types[i])
			kinds[count++] =
				(struct open_kind){ counts->types[i].name, from->types[i] };
	qsort(kinds, count, sizeof *kinds, by_count);
	process->kinds =
		arena_alloc(&dossier->snapshot->arena, count * sizeof *process->kinds);
	memcpy(process->kinds, kinds, count * sizeof *kinds);
	process->kind_count = count;
}

/* Where files have no names there may be sockets among them: dbghelp leaves names out that it could hang on. */
static void give(const struct handle_counts *counts, const struct counted_process *from,
		 struct dossier *dossier)
{
	struct process *process = dossier_process(dossier, from->pid);

	if (!process->name)
		process->name = from->name;
	process->socket_descriptors =
		!from->sockets && from->unnamed_files ? -1 : from->sockets;
	if (!counts->files_only) {
		process->descriptors = from->total;
		process->descriptors_from = dossier_part(dossier) + 1;
		give_kinds(counts, from, dossier, process);
	}
	dossier_count_records(dossier, (uint64_t)from->total);
	if (from->unnamed_files)
		dossier_note(dossier,
			     P_("%lld file of pid %d has no name: it may be a socket",
				"%lld files of pid %d have no name: sockets may be among them",
				(unsigned long)from->unnamed_files),
			     (long long)from->unnamed_files, from->pid);
}

void handle_counts_finish(struct handle_counts *counts, struct dossier *dossier)
{
	if (counts->process_count) {
		dossier_speaks_for(dossier, FROM_WINDOWS);
		dossier_used_for(dossier, N_("handles"));
	}
	for (size_t i = 0; i < counts->process_count; i++)
		give(counts, &counts->processes[i], dossier);
	if (counts->left_out)
		dossier_note(dossier,
			     _("it has more than %d processes; %llu handles were passed over"),
			     PROCESSES_MOST, (unsigned long long)counts->left_out);
	handle_counts_free(counts);
}

void handle_counts_free(struct handle_counts *counts)
{
	index_free(&counts->pid_index);
	index_free(&counts->type_index);
	free(counts->processes);
	*counts = (struct handle_counts){ 0 };
}
