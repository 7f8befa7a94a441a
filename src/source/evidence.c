#include "source/evidence.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the file ---- */

/* A snapshot of a machine with a million sockets has some megabytes. */
enum { MOST_BYTES = 256 << 20, FIRST_BYTES = 1 << 16 };

struct bytes {
	char *text;
	size_t size, capacity;
};

static int read_bytes(struct bytes *bytes, int fd)
{
	for (;;) {
		ssize_t got;

		if (bytes->size == bytes->capacity) {
			bytes->capacity = bytes->capacity ? 2 * bytes->capacity : FIRST_BYTES;
			bytes->text = memory_resize(bytes->text, bytes->capacity, 1);
		}
		got = read(fd, bytes->text + bytes->size, bytes->capacity - bytes->size);
		if (!got)
			return 0;
		if (got < 0 && errno != EINTR)
			return errno;
		if (got > 0)
			bytes->size += (size_t)got;
		if (bytes->size > MOST_BYTES)
			return EFBIG;
	}
}

static int read_file(struct bytes *bytes, const char *path, struct error *error)
{
	bool is_input = !strcmp(path, "-");
	int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int number = fd < 0 ? errno : read_bytes(bytes, fd);

	if (fd >= 0 && !is_input)
		close(fd);
	if (!number)
		return 0;
	return error_set(error, _("--on '%s': %s; give a file that portroom save wrote"), path,
			 language_errno(number));
}

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
	if (route->own.family && !address_is_any(&route->own) && netns->local_address_count &&
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

int evidence_read(const struct source_request *request, struct snapshot *snapshot,
		  struct error *error)
{
	const struct saved_request saved = {
		.name = strcmp(request->on, "-") ? request->on : _("standard input"),
		.scope = request->scope,
		.netns = request->netns,
	};
	struct bytes bytes = { 0 };
	int result;

	*snapshot = (struct snapshot){ 0 };
	result = read_file(&bytes, request->on, error);
	if (!result)
		result = saved_read(&saved, bytes.text, bytes.size, snapshot, error);
	free(bytes.text);
	if (result)
		return result;
	snapshot->scope_is_all |= request->scope == SCOPE_ALL;
	if (!request->port_claims)
		drop_claims(snapshot);
	if (request->route)
		answer_route(snapshot, request->route);
	if (request->on_socket)
		hand_on_all(request, snapshot);
	return 0;
}
