#include "source/artefact/dossier.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/failure.h"
#include "source/artefact/series.h"
#include "source/artefact/stamps.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More are counted, not kept: nobody reads a list of so many kinds, and a file may have been made to have them. */
enum {
	MOST_ROWS = 1 << 23,
};

void dossier_init(struct dossier *dossier, struct snapshot *snapshot)
{
	*dossier = (struct dossier){ .snapshot = snapshot, .part = -1, .crowd = -1 };
	dossier->netns = netns_unread();
	snapshot->descriptor_ceiling = -1;
}

static void free_table(struct dossier_table *table)
{
	free(table->sockets);
	*table = (struct dossier_table){ 0 };
}

void dossier_free(struct dossier *dossier)
{
	for (size_t i = 0; i < dossier->table_count; i++)
		free_table(&dossier->tables[i]);
	free_table(&dossier->open_table);
	free(dossier->tables);
	free(dossier->names);
	free(dossier->pids);
	series_free(dossier->series);
	copies_free(&dossier->copies);
	index_free(&dossier->name_index);
	index_free(&dossier->pid_index);
	index_free(&dossier->failure_index);
	free(dossier->failure_keys);
	port_set_free(
		&dossier->netns.settings.reserved); /* the snapshot's, once it was joined */
}

/* ---- about the file ---- */

/* What it notes belongs to the listing's part of the file, whichever is named now. */
static void finish_table(struct dossier *dossier, struct dossier_table *table)
{
	const int64_t part = dossier->part;

	if (!table->finish)
		return;
	dossier->part = table->artefact;
	table->finish(dossier, table, table->state);
	dossier->part = part;
}

static void end_open_table(struct dossier *dossier)
{
	struct dossier_table *table = &dossier->open_table;

	if (!dossier->table_is_open)
		return;
	dossier->table_is_open = false;
	finish_table(dossier, table);
	dossier->snapshot->evidence.artefacts[table->artefact].records += table->count;
	dossier->snapshot->evidence.artefacts[table->artefact].used_for = N_("sockets");
	dossier_speaks_for(dossier, table->system);
	dossier_take_table(dossier, table);
	*table = (struct dossier_table){ 0 };
}

void dossier_open(struct dossier *dossier, const char *file, int64_t modified_ms)
{
	dossier->file = arena_copy(&dossier->snapshot->arena, file);
	dossier->modified_ms = modified_ms;
	dossier_name_part(dossier, NULL);
}

void dossier_close(struct dossier *dossier)
{
	end_open_table(dossier);
	stamps_settle(dossier);
}

void dossier_name_part(struct dossier *dossier, const char *kind)
{
	dossier->part_name = kind;
	dossier->part = -1;
}

static bool is_part(const struct dossier *dossier, const struct artefact *artefact)
{
	const char *kind = dossier->part_name;

	return artefact->file == dossier->file &&
	       (kind ? artefact->kind && !strcmp(artefact->kind, kind) : !artefact->kind);
}

uint32_t dossier_part(struct dossier *dossier)
{
	struct evidence_facts *facts = &dossier->snapshot->evidence;

	if (dossier->part >= 0)
		return (uint32_t)dossier->part;
	for (size_t i = facts->artefact_count;
	     i-- && facts->artefacts[i].file == dossier->file;)
		if (is_part(dossier, &facts->artefacts[i])) {
			dossier->part = (int64_t)i;
			return (uint32_t)i;
		}
	array_reserve(facts->artefacts, facts->artefact_count, facts->artefact_capacity);
	facts->artefacts[facts->artefact_count] =
		(struct artefact){ .file = dossier->file, .kind = dossier->part_name };
	dossier->part = (int64_t)facts->artefact_count;
	return (uint32_t)facts->artefact_count++;
}

static struct artefact *current_part(struct dossier *dossier)
{
	uint32_t part = dossier_part(dossier); /* may move them */

	return &dossier->snapshot->evidence.artefacts[part];
}

void dossier_count_records(struct dossier *dossier, uint64_t records)
{
	current_part(dossier)->records += records;
}

void dossier_used_for(struct dossier *dossier, const char *what)
{
	current_part(dossier)->used_for = what;
}

void dossier_note(struct dossier *dossier, const char *format, ...)
{
	struct artefact *artefact = current_part(dossier);
	char text[512];
	va_list arguments;

	if (artefact->partial)
		return; /* the first tells where it began */
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	artefact->partial = arena_copy(&dossier->snapshot->arena, text);
}

void dossier_refuse(struct dossier *dossier, const char *why)
{
	current_part(dossier)->why_not = arena_copy(&dossier->snapshot->arena, why);
}

/* ---- listings ---- */

struct dossier_table *dossier_begin_table(struct dossier *dossier, const char *what,
					  enum dossier_system system)
{
	struct dossier_table *table = &dossier->open_table;

	end_open_table(dossier);
	*table = (struct dossier_table){
		.what = what,
		.system = system,
		.artefact = dossier_part(dossier),
		.order = dossier->tables_begun++,
	};
	dossier->table_is_open = true;
	return table;
}

void dossier_add_socket(struct dossier *dossier, const struct dossier_socket *socket)
{
	struct dossier_table *table = &dossier->open_table;

	if (table->count == MOST_ROWS) {
		table->unread_rows++;
		return;
	}
	array_reserve(table->sockets, table->count, table->capacity);
	table->sockets[table->count++] = *socket;
}

/* A form of text may have begun one before the last form's end is told. */
void dossier_end_table(struct dossier *dossier)
{
	if (dossier->table_is_open && dossier->open_table.artefact == dossier_part(dossier))
		end_open_table(dossier);
}
