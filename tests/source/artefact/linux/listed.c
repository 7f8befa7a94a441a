#include "listed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void join(struct listed *listed)
{
	dossier_join(&listed->told.dossier);
	assert_int_equal(listed->told.snapshot.namespace_count, 1);
	listed->netns = &listed->told.snapshot.namespaces[0];
}

void listed_of(struct listed *listed, const char *text)
{
	told_of(&listed->told, text);
	join(listed);
}

void listed_of_two(struct listed *listed, const char *one, const char *other)
{
	told_of(&listed->told, one);
	told_file(&listed->told, other, strlen(other));
	join(listed);
}

void listed_of_fixture(struct listed *listed, const char *name)
{
	char path[512], *text = calloc(1, 1 << 16);
	FILE *file;

	snprintf(path, sizeof path, "%s/evidence/linux/%s", FIXTURES, name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
	fclose(file);
	listed_of(listed, text);
	free(text);
}

void listed_end(struct listed *listed)
{
	told_end(&listed->told);
}

unsigned listed_count(const struct listed *listed, enum protocol protocol,
		      enum socket_state state)
{
	unsigned count = 0;

	snapshot_each_holding(holding, &listed->told.snapshot, 0)
		if (holding->key.protocol == protocol && holding->key.state == state)
			count += holding->sockets;
	return count;
}

unsigned listed_all(const struct listed *listed, enum protocol protocol)
{
	unsigned count = 0;

	for (int state = 0; state < SOCKET_STATE_COUNT; state++)
		count += listed_count(listed, protocol, (enum socket_state)state);
	return count;
}

const struct holding *listed_port(const struct listed *listed, enum protocol protocol,
				  uint16_t port)
{
	snapshot_each_holding(holding, &listed->told.snapshot, 0)
		if (holding->key.protocol == protocol && port_set_has(&holding->ports, port))
			return holding;
	return NULL;
}

const char *listed_owner(const struct listed *listed, const struct holding *holding)
{
	const struct process *process = snapshot_owner(&listed->told.snapshot, holding);

	return process && process->name ? process->name : "";
}

bool listed_has_gap(const struct listed *listed, const char *what)
{
	const struct snapshot *snapshot = &listed->told.snapshot;

	for (size_t i = 0; i < snapshot->gap_count; i++)
		if (strstr(snapshot->gaps[i].what, what) ||
		    strstr(snapshot->gaps[i].why, what))
			return true;
	return false;
}
