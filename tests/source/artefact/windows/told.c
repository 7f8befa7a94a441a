#include "told.h"

#include <stdlib.h>
#include <string.h>

void told_begin(struct told *told)
{
	memset(told, 0, sizeof *told);
	dossier_init(&told->dossier, &told->snapshot);
}

void told_file(struct told *told, const void *bytes, size_t size)
{
	/* Of its own size, so that a sanitizer sees a step behind the end. */
	uint8_t *exact = malloc(size ? size : 1);
	const struct artefact_input input = { .name = "file", .bytes = exact, .size = size };

	memcpy(exact, bytes, size);
	artefact_read(&input, &told->dossier);
	free(exact);
}

void told_end(struct told *told)
{
	dossier_free(&told->dossier);
	snapshot_free(&told->snapshot);
}

void told_of(struct told *told, const char *text)
{
	told_begin(told);
	told_file(told, text, strlen(text));
}

const struct artefact *told_part(const struct told *told, const char *kind)
{
	const struct evidence_facts *facts = &told->snapshot.evidence;

	for (size_t i = 0; i < facts->artefact_count; i++)
		if (facts->artefacts[i].kind && !strcmp(facts->artefacts[i].kind, kind))
			return &facts->artefacts[i];
	return NULL;
}

const struct process *told_process(const struct told *told, int32_t pid)
{
	for (size_t i = 0; i < told->snapshot.process_count; i++)
		if (told->snapshot.processes[i].pid == pid)
			return &told->snapshot.processes[i];
	return NULL;
}

const struct dossier_table *told_table(const struct told *told)
{
	assert_int_equal(told->dossier.table_count, 1);
	return &told->dossier.tables[0];
}

size_t told_rows(const struct told *told, enum socket_state state)
{
	const struct dossier_table *table = told_table(told);
	size_t count = 0;

	for (size_t i = 0; i < table->count; i++)
		count += table->sockets[i].state == state;
	return count;
}

uint64_t told_counted(const struct told *told, int32_t pid, enum socket_state state)
{
	const struct evidence_facts *facts = &told->snapshot.evidence;
	uint64_t sockets = 0;

	for (size_t i = 0; i < facts->counted_count; i++) {
		const struct counted_share *share = &facts->counted[i];
		int32_t owner =
			share->process < 0 ? -1 : told->snapshot.processes[share->process].pid;

		if (owner == pid && share->state == state)
			sockets += share->sockets;
	}
	return sockets;
}
