#include "source/evidence/saved_files.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/host_name.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/saved/saved.h"
#include "source/artefact/series.h"

#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(memory_resize(NULL, size, 1), text, size);
}

int saved_files_add(struct saved_files *files, const struct artefact_input *input,
		    struct error *error)
{
	const struct saved_request saved = {
		.name = input->name,
		.scope = files->request->scope,
		.netns = files->request->netns,
	};
	size_t names = files->capacity;

	array_reserve(files->snapshots, files->count, files->capacity);
	if (files->capacity != names)
		files->names =
			memory_resize(files->names, files->capacity, sizeof *files->names);
	files->snapshots[files->count] = (struct snapshot){ 0 };
	if (saved_read(&saved, (const char *)input->bytes, input->size,
		       &files->snapshots[files->count], error)) {
		snapshot_free(&files->snapshots[files->count]);
		return -1;
	}
	files->names[files->count++] = copy(input->name);
	return 0;
}

/* Of one snapshot a listing of the namespace that comes first, as ss would have made it; which of the artefacts it is. */
static uint32_t add_point(struct dossier *dossier, const struct snapshot *snapshot,
			  const char *name)
{
	struct dossier_table *table;
	uint32_t artefact;

	dossier_open(dossier, name, snapshot->time_ms);
	dossier_name_part(dossier, "saved");
	table = dossier_begin_table(dossier, "portroom save", FROM_UNKNOWN);
	table->time_ms = snapshot->time_ms;
	artefact = table->artefact;
	snapshot_each_holding(holding, snapshot, 0) {
		const struct process *owner = snapshot_owner(snapshot, holding);
		struct dossier_socket socket = {
			.local = holding->key.local,
			.remote = holding->key.remote,
			.remote_port = holding->key.remote_port,
			.protocol = holding->key.protocol,
			.state = holding->key.state,
			.pid = owner ? owner->pid : -1,
			.name = owner && owner->name ?
					dossier_text(dossier,
						     (struct span){ owner->name,
								    strlen(owner->name) }) :
					NULL,
		};

		port_set_each(port, &holding->ports) {
			socket.local_port = (uint16_t)port;
			dossier_add_socket(dossier, &socket);
		}
	}
	dossier_close(dossier);
	return artefact;
}

static size_t find_latest(const struct saved_files *files)
{
	size_t latest = 0;

	for (size_t i = 1; i < files->count; i++)
		if (files->snapshots[i].time_ms >= files->snapshots[latest].time_ms)
			latest = i;
	return latest;
}

/* A snapshot that stands for some of its namespaces has the calls that failed in these. */
static void drop_calls_elsewhere(const struct saved_files *files, struct snapshot *snapshot)
{
	struct evidence_facts *facts = &snapshot->evidence;
	enum source_scope scope = files->request->scope;
	size_t kept = 0;

	if (scope == SCOPE_REACHABLE || scope == SCOPE_ALL)
		return;
	for (size_t i = 0; i < facts->failure_count; i++)
		if (!facts->failures[i].netns ||
		    snapshot_find_netns(snapshot, facts->failures[i].netns) != UINT32_MAX)
			facts->failures[kept++] = facts->failures[i];
	facts->failure_count = kept;
}

/* It is no earlier moment of the same machine. */
static void leave_out(struct dossier *dossier, const struct snapshot *other, const char *name)
{
	const struct snapshot *snapshot = dossier->snapshot;
	struct arena arena = { 0 };

	dossier_open(dossier, name, other->time_ms);
	dossier_name_part(dossier, "saved");
	dossier_refuse(dossier,
		       arena_print(&arena,
				   _("it is of host %s, and the latest snapshot is of "
				     "host %s; give them one by one"),
				   other->host_name, snapshot->host_name));
	dossier_close(dossier);
	arena_free(&arena);
}

static void add_points(struct saved_files *files, size_t latest, struct snapshot *snapshot)
{
	struct dossier dossier;

	dossier_init(&dossier, snapshot);
	for (size_t i = 0; i < files->count; i++) {
		uint32_t artefact;

		if (i != latest &&
		    !host_name_may_be(files->snapshots[i].host_name, snapshot->host_name)) {
			leave_out(&dossier, &files->snapshots[i], files->names[i]);
			continue;
		}
		artefact = add_point(&dossier, i == latest ? snapshot : &files->snapshots[i],
				     files->names[i]);

		for (int protocol = 0; i == latest && protocol < PROTOCOL_COUNT; protocol++)
			snapshot->evidence.listing[protocol] = artefact + 1;
	}
	series_finish(&dossier);
	dossier_free(&dossier);
}

void saved_files_join(struct saved_files *files, const struct dossier *others)
{
	struct snapshot *snapshot = others->snapshot, told = *snapshot;
	size_t latest = find_latest(files);
	bool alone = files->count == 1 && !told.evidence.artefact_count;

	*snapshot = files->snapshots[latest];
	files->snapshots[latest] = (struct snapshot){ 0 };
	if (told.evidence.artefact_count) {
		snapshot_join_evidence(snapshot, &told);
		dossier_tell_others(others, snapshot,
				    snapshot->windows ? FROM_WINDOWS : FROM_LINUX);
		dossier_tell_hosts(
			others, snapshot,
			&(struct dossier_host){ snapshot->host_name, files->names[latest] });
		drop_calls_elsewhere(files, snapshot);
	}
	if (!alone)
		add_points(files, latest, snapshot);
}

void saved_files_free(struct saved_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		snapshot_free(&files->snapshots[i]);
		free(files->names[i]);
	}
	free(files->snapshots);
	free(files->names);
}
