#include "source/evidence/evidence.h"

#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/evidence/content.h"
#include "source/evidence/files.h"
#include "source/evidence/input.h"
#include "source/evidence/saved_files.h"

#include <stdlib.h>
#include <string.h>

/* ---- what routing would say ---- */

/* The one address of that family which goes anywhere. Where there are several, what connections have may be what their
 * programs have bound them to, and not what routing would say. */
static bool find_only_address(const struct netns *netns, uint8_t family,
			      struct address *source)
{
	*source = (struct address){ 0 };
	for (size_t i = 0; i < netns->local_address_count; i++) {
		const struct address *each = &netns->local_addresses[i];

		if (each->family != family || address_is_loopback(each) ||
		    address_is_link_local(each))
			continue;
		if (source->family)
			return false;
		*source = *each;
	}
	return source->family != FAMILY_NONE;
}

/* Traffic to an address of this host has that address as its source, but one for all of 127.0.0.0/8. */
static void find_source(const struct snapshot *snapshot, struct source_route *route)
{
	static const uint8_t localhost[] = { 127, 0, 0, 1 };
	const struct netns *netns = &snapshot->namespaces[0];
	const struct address *to = &route->destination;

	if (to->family == FAMILY_IPV4 && address_is_loopback(to))
		route->source = address_ipv4(localhost);
	else if (netns_has_address(netns, to))
		route->source = *to;
	else if (!find_only_address(netns, to->family, &route->source))
		route->source = (struct address){ 0 };
}

static void answer_route(const struct snapshot *snapshot, struct source_route *route)
{
	const struct netns *netns = &snapshot->namespaces[0];

	if (route->device) {
		route->why = _("the snapshot has no names of interfaces; ask without one");
		return;
	}
	if (route->own.family && !address_is_any(&route->own) &&
	    !evidence_was_sent(&snapshot->evidence) && netns->local_address_count &&
	    !netns_has_address(netns, &route->own)) {
		route->own_is_foreign = true;
		route->why = _("it is no address of that host");
		return;
	}
	if (route->destination.family && !route->own.family)
		find_source(snapshot, route);
}

/* ---- one by one ---- */

/* Without an inode, so that its user is told by its process alone. */
static struct socket_record record_of(const struct holding *holding, uint16_t port)
{
	const struct holding_key *key = &holding->key;

	return (struct socket_record){
		.protocol = key->protocol,
		.state = key->state,
		.age = key->age,
		.timestamps = key->timestamps,
		.ipv6_only = key->ipv6_only,
		.local = key->local,
		.remote = key->remote,
		.local_port = port,
		.remote_port = key->remote_port,
		.device = key->device,
	};
}

/* Several sockets may share a port: as many as there are are handed on. */
static void hand_on(const struct source_request *request, const struct snapshot *snapshot,
		    uint32_t netns, const struct holding *holding)
{
	const struct holding_key *key = &holding->key;
	uint32_t more = holding->sockets - holding->ports.count;

	port_set_each(port, &holding->ports) {
		struct socket_record record = record_of(holding, (uint16_t)port);

		for (uint32_t i = 0; i <= more; i++)
			request->on_socket(request->context, snapshot, netns, key->owner_kind,
					   key->owner, &record);
		more = 0;
	}
}

static void hand_on_all(const struct source_request *request, struct snapshot *snapshot)
{
	bool accepted = false;

	for (uint32_t netns = 0; netns < snapshot->namespace_count; netns++)
		snapshot_each_holding(holding, snapshot, netns) {
			hand_on(request, snapshot, netns, holding);
			accepted |= holding->key.inbound;
		}
	if (accepted)
		snapshot_add_gap(snapshot, GAP_OWNERS, -1,
				 _("the other ends of accepted connections"),
				 _("a snapshot keeps their number only"), NULL);
}

/* What was looked at for a file that serves every command is not missing where nobody asks. */
static void drop_claims(struct snapshot *snapshot)
{
	size_t kept = 0;

	for (size_t i = 0; i < snapshot->gap_count; i++)
		if (snapshot->gaps[i].effect != GAP_CLAIMS)
			snapshot->gaps[kept++] = snapshot->gaps[i];
	snapshot->gap_count = kept;
}

/* ---- the files ---- */

static int open_file(const struct evidence_file *file, struct evidence_input *input,
		     struct error *error)
{
	if (file->why_not)
		return error_set(error, "%s", file->why_not);
	return file->path ? evidence_input_open(input, file->path, file->name, error) :
			    evidence_input_take(input, 0, file->name, error);
}

/* A snapshot is a whole machine, the rest are pieces of one. */
struct reading {
	struct saved_files saved;
	struct dossier dossier;
	struct content content;
};

/* Of what is mapped there is a descriptor at its beginning. */
static int descriptor_of(const struct evidence_input *input)
{
	return !input->is_mapped ? -1 : input->fd >= 0 ? input->fd : 0;
}

static void read_input(struct reading *reading, const struct evidence_input *input)
{
	content_read(&reading->content, &input->artefact, descriptor_of(input));
	if (evidence_input_shrank())
		dossier_note(
			&reading->dossier, "%s",
			_("the file became shorter while it was read; its end is missing"));
}

static void read_one(struct reading *reading, const struct evidence_file *file)
{
	struct evidence_input input;
	struct error error;

	if (open_file(file, &input, &error)) {
		content_refuse(&reading->content, file->name, error.text);
		return;
	}
	read_input(reading, &input);
	evidence_input_close(&input);
}

static bool is_last(const struct evidence_file *file)
{
	struct evidence_input input;
	struct error error;
	bool last;

	if (!file->path || open_file(file, &input, &error))
		return false;
	last = input.is_mapped && artefact_is_last(&input.artefact);
	evidence_input_close(&input);
	return last;
}

/* Where calls are handed on as they are read those who made them should have their names by then. */
static void read_files(struct reading *reading, const struct evidence_files *files)
{
	bool *last = memory_zeroed(files->count + 1, sizeof *last);

	for (size_t i = 0; i < files->count; i++) {
		last[i] = reading->dossier.on_failure && files->count > 1 &&
			  is_last(&files->items[i]);
		if (!last[i])
			read_one(reading, &files->items[i]);
	}
	if (reading->dossier.on_failure)
		dossier_name_processes(&reading->dossier);
	for (size_t i = 0; i < files->count; i++)
		if (last[i])
			read_one(reading, &files->items[i]);
	free(last);
}

/* Nothing was understood: why the first was not. */
static int tell_failure(const struct snapshot *snapshot, struct error *error)
{
	const struct evidence_facts *facts = &snapshot->evidence;
	const struct artefact *first = facts->artefacts;

	for (size_t i = 0; i < facts->artefact_count; i++)
		if (!facts->artefacts[i].why_not)
			return 0;
	if (!facts->artefact_count)
		return error_set(error, _("--on: there are no files in the folder"));
	if (facts->artefact_count == 1)
		return error_set(error, _("--on '%s': %s"), first->file, first->why_not);
	return error_set(error, _("--on: none of the %zu files was understood; '%s': %s"),
			 facts->artefact_count, first->file, first->why_not);
}

/* Logs and traces tell of what was; the rest tells how the machine is, as a snapshot does. */
static bool is_of_the_past(const struct evidence_facts *facts, uint32_t artefact)
{
	for (size_t i = 0; i < facts->log_count; i++)
		if (facts->logs[i].artefact == artefact)
			return true;
	for (size_t i = 0; i < facts->event_count; i++)
		if (facts->events[i].artefact == artefact)
			return true;
	for (size_t i = 0; i < facts->trace_count; i++)
		if (facts->traces[i].artefact == artefact)
			return true;
	return false;
}

static bool has_pieces(const struct snapshot *snapshot)
{
	const struct evidence_facts *facts = &snapshot->evidence;

	for (uint32_t i = 0; i < facts->artefact_count; i++)
		if (!facts->artefacts[i].why_not && facts->artefacts[i].used_for &&
		    !is_of_the_past(facts, i))
			return true;
	return false;
}

/* Of saved snapshots and pieces of how the machine is the pieces count: whoever gives both wants to know of these. */
static int finish(struct reading *reading, struct snapshot *snapshot, struct error *error)
{
	struct saved_files *saved = &reading->saved;

	if (saved->count && !has_pieces(snapshot)) {
		saved_files_join(saved, &reading->dossier);
		return 0;
	}
	for (size_t i = 0; i < saved->count; i++)
		content_refuse(
			&reading->content, saved->names[i],
			_("it is a snapshot that portroom save wrote, and other files tell of the "
			  "same; give it without them"));
	if (tell_failure(snapshot, error))
		return -1;
	dossier_join(&reading->dossier);
	return 0;
}

static int read_named(const struct source_request *request, struct snapshot *snapshot,
		      struct error *error)
{
	struct reading reading = { .saved = { .request = request } };
	struct evidence_files files = { 0 };
	int result;

	for (size_t i = 0; i < request->on_count; i++)
		evidence_files_add(&files, request->on[i]);
	reading.content.dossier = &reading.dossier;
	reading.content.saved = &reading.saved;
	dossier_init(&reading.dossier, snapshot);
	reading.dossier.on_failure = request->on_failure;
	reading.dossier.context = request->context;
	read_files(&reading, &files);
	result = finish(&reading, snapshot, error);
	dossier_free(&reading.dossier);
	saved_files_free(&reading.saved);
	evidence_files_free(&files);
	return result;
}

int evidence_read(const struct source_request *request, struct snapshot *snapshot,
		  struct error *error)
{
	*snapshot = (struct snapshot){ 0 };
	if (read_named(request, snapshot, error))
		return -1;
	snapshot->scope_is_all |= request->scope == SCOPE_ALL;
	if (!request->port_claims)
		drop_claims(snapshot);
	if (request->route)
		answer_route(snapshot, request->route);
	if (request->on_socket)
		hand_on_all(request, snapshot);
	return 0;
}
