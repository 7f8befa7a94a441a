#include "source/linux/sockets/pass.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/bpf/walk.h"
#include "source/linux/netns/settings.h"
#include "source/linux/reading.h"
#include "source/linux/sockets/seen.h"

#include <stdlib.h>
#include <string.h>

/*
 * The order matters: listeners come before what they serve, because the snapshot sorts connections into
 * inbound and outbound as they come; ports come last, so that one without a bucket of bind() is one that
 * connect() could share, or that its last owner has left meanwhile.
 *
 * Namespaces may share a table, or have one of their own: each is read once.
 */
enum { UNWANTED = UINT32_MAX };

/* The table of descriptors is larger than a processor's cache: so many records ahead it is asked for. */
enum { PREFETCHED = 8 };

/* Inode of a namespace -> its index in the snapshot. */
struct place_of_netns {
	uint32_t inode, index;
	int delay_ms;	  /* tcp_tw_reuse_delay, -1: none */
	uint64_t sockets; /* where it is unwanted */
};

struct pass {
	struct reading *reading;
	struct bpf_walk *walk;
	struct seen_namespace *namespaces;
	size_t namespace_count;

	struct place_of_netns *places; /* open addressing; inode 0: empty */
	size_t place_size;
	int delay_ms; /* of the namespace that is reading->netns */
	struct bpf_walk_tally tally;
	bool handed_on;
};

/* ---- beginning ---- */

static void take_namespaces(void *context, const union seen *records, size_t count)
{
	struct pass *pass = context;

	free(pass->namespaces);
	pass->namespaces = memory_zeroed(count, sizeof *pass->namespaces);
	pass->namespace_count = count;
	for (size_t i = 0; i < count; i++)
		pass->namespaces[i] = records[i].namespace;
}

struct pass *pass_begin(struct reading *reading, struct error *error)
{
	struct pass *pass = memory_zeroed(1, sizeof *pass);
	struct descriptors descriptors = { 0 };
	/* What is handed to somebody else one by one cannot be read again with more. */
	bool larger = reading->attempt->larger || reading->request->on_socket;
	int64_t allocated = settings_tcp_allocated(reading->proc);
	struct bpf_walk_options options = {
		.sockets = larger ? INT64_MAX / 4 : settings_tcp_entries(reading->proc),
		.passive = reading->request->passive,
	};
	double start = reading_now_ms();

	pass->reading = reading;
	pass->walk = bpf_walk_open(&options, error);
	if (!pass->walk || bpf_walk_namespaces(pass->walk, take_namespaces, pass, error))
		goto failed;
	reading->bpf_tables.milliseconds = reading_now_ms() - start;
	start = reading_now_ms();
	if (!reading->request->no_owners && allocated > 0)
		descriptors_reserve(&descriptors, (size_t)allocated);
	if (descriptors_walk_bpf(&descriptors, pass->walk, reading->request->no_owners,
				 error)) {
		descriptors_free(&descriptors);
		goto failed;
	}
	descriptors_free(&reading->descriptors); /* of /proc, if it was asked first */
	reading->descriptors = descriptors;
	reading->owners = (struct source_report){
		.name = "bpf_descriptors",
		.used = true,
		.sockets = (int64_t)reading->descriptors.count,
		.milliseconds = reading_now_ms() - start,
	};
	return pass;
failed:
	pass_end(pass);
	return NULL;
}

bool pass_reads_udp(const struct pass *pass)
{
	return pass->namespace_count && pass->namespaces[0].udp_table;
}

/* ---- which namespace ---- */

static struct place_of_netns *place_of(const struct pass *pass, uint32_t inode)
{
	size_t at = inode & (pass->place_size - 1); /* inodes come in sequence */

	while (pass->places[at].inode && pass->places[at].inode != inode)
		at = (at + 1) & (pass->place_size - 1);
	return &pass->places[at];
}

static void index_namespaces(struct pass *pass)
{
	const struct snapshot *snapshot = pass->reading->snapshot;

	for (pass->place_size = 64; pass->place_size < 4 * pass->namespace_count;)
		pass->place_size *= 2;
	pass->places = memory_zeroed(pass->place_size, sizeof *pass->places);
	for (size_t i = 0; i < pass->namespace_count; i++) {
		const struct seen_namespace *seen = &pass->namespaces[i];

		*place_of(pass, seen->netns) = (struct place_of_netns){
			.inode = seen->netns,
			.index = UNWANTED,
			.delay_ms = seen->tw_reuse_delay_ms,
		};
	}
	for (uint32_t i = 0; i < snapshot->namespace_count; i++) {
		uint32_t inode = (uint32_t)snapshot->namespaces[i].inode;

		if (place_of(pass, inode)->inode)
			place_of(pass, inode)->index = i;
	}
}

/* ---- sockets ---- */

/* False where nobody asked for sockets of that namespace. */
static bool enter_netns(struct pass *pass, uint32_t inode)
{
	struct place_of_netns *place = place_of(pass, inode);

	if (!place->inode || place->index == UNWANTED)
		return false;
	pass->reading->netns = place->index;
	pass->delay_ms = place->delay_ms;
	return true;
}

static void take_socket(struct pass *pass, const struct seen_socket *seen)
{
	struct reading *reading = pass->reading;
	struct socket_record record;

	if (!enter_netns(pass, seen->netns)) {
		place_of(pass, seen->netns)->sockets++;
		return;
	}
	seen_fill(&record, seen, pass->delay_ms);
	reading->bpf_tables.sockets++;
	sockets_deliver(reading, seen_owner(&reading->descriptors, seen), &record);
}

static void take_sockets(void *context, const union seen *records, size_t count)
{
	struct pass *pass = context;

	pass->handed_on = true;
	for (size_t i = 0; i < count; i++) {
		if (i + PREFETCHED < count)
			descriptors_prefetch(&pass->reading->descriptors,
					     records[i + PREFETCHED].socket.socket);
		take_socket(pass, &records[i].socket);
	}
}

static void take_bound(struct pass *pass)
{
	const struct descriptors *descriptors = &pass->reading->descriptors;

	for (size_t i = 0; i < descriptors->bound_count; i++)
		take_socket(pass, &descriptors->bound[i]);
}

/* ---- ports ---- */

static void take_ports(void *context, const union seen *records, size_t count)
{
	struct pass *pass = context;

	for (size_t i = 0; i < count; i++)
		if (enter_netns(pass, records[i].port.netns))
			port_set_add(&pass->reading->snapshot->namespaces[pass->reading->netns]
					      .known_bind,
				     records[i].port.port);
}

/* ---- the pass ---- */

static u64 address_of(const struct seen_namespace *namespace, enum bpf_table table)
{
	switch (table) {
	case BPF_TABLE_CONNECTIONS:
		return namespace->tcp_connections;
	case BPF_TABLE_LISTENERS:
	case BPF_TABLE_PORTS:
		return namespace->tcp_ports;
	case BPF_TABLE_UDP:
		return namespace->udp_table;
	}
	return 0;
}

/* Each table once: by the first namespace that has it. */
static bool is_first_of(const struct pass *pass, size_t index, enum bpf_table table)
{
	u64 address = address_of(&pass->namespaces[index], table);

	for (size_t i = 0; i < index; i++)
		if (address_of(&pass->namespaces[i], table) == address)
			return false;
	return true;
}

static int walk_tables(struct pass *pass, enum bpf_table table, bpf_walk_callback take,
		       struct error *error)
{
	for (size_t i = 0; i < pass->namespace_count; i++)
		if (is_first_of(pass, i, table) &&
		    bpf_walk_table(pass->walk, table, &pass->namespaces[i], take, pass,
				   &pass->tally, error))
			return -1;
	return 0;
}

static int walk_all(struct pass *pass, struct error *error)
{
	if (walk_tables(pass, BPF_TABLE_LISTENERS, take_sockets, error) ||
	    walk_tables(pass, BPF_TABLE_CONNECTIONS, take_sockets, error))
		return -1;
	take_bound(pass);
	if (pass_reads_udp(pass) && walk_tables(pass, BPF_TABLE_UDP, take_sockets, error))
		return -1;
	return walk_tables(pass, BPF_TABLE_PORTS, take_ports, error);
}

static void mark_read(struct pass *pass, bool whole)
{
	struct snapshot *snapshot = pass->reading->snapshot;

	for (size_t i = 0; i < snapshot->namespace_count; i++) {
		struct netns *netns = &snapshot->namespaces[i];
		bool read = whole && place_of(pass, (uint32_t)netns->inode)->inode;

		netns->tcp_read = read;
		netns->bound_seen = netns->kinds_read = read;
		netns->bound_dumped = pass->namespaces[0].since_6_8;
		if (pass_reads_udp(pass))
			netns->udp_read = read;
		if (whole && !read)
			snapshot_add_gap(snapshot, GAP_ROOM, (int64_t)i, _("its sockets"),
					 _("it went away while being read"), NULL);
	}
}

/* Namespaces with sockets that no path leads into: without their settings there is no verdict. */
static void note_unreached(struct pass *pass)
{
	struct snapshot *snapshot = pass->reading->snapshot;
	const struct namespaces *known = &pass->reading->namespaces;

	if (pass->reading->request->scope > SCOPE_ALL)
		return;
	for (size_t i = 0; i < pass->place_size; i++) {
		const struct place_of_netns *place = &pass->places[i];

		if (!place->inode || place->index != UNWANTED || !place->sockets ||
		    namespaces_has(known, place->inode))
			continue;
		snapshot_add_gap(
			snapshot, GAP_SCOPE, -1,
			arena_print(&snapshot->arena,
				    P_("network namespace %u, which has %llu entry",
				       "network namespace %u, which has %llu entries",
				       place->sockets),
				    place->inode, (unsigned long long)place->sockets),
			_("no process, mount or descriptor that can be seen leads into it"),
			NULL);
	}
}

int pass_read(struct pass *pass, struct error *error)
{
	struct reading *reading = pass->reading;
	double start = reading_now_ms();
	int result;

	/* Again: some may have been begun since. */
	if (bpf_walk_namespaces(pass->walk, take_namespaces, pass, error))
		return -1;
	index_namespaces(pass);
	result = walk_all(pass, error);
	if (result && !pass->handed_on)
		return -1;
	if (!result && pass->tally.lost)
		result = error_set(
			error,
			P_("%llu chain of the kernel's tables was too long or changed too "
			   "fast",
			   "%llu chains of the kernel's tables were too long or changed "
			   "too fast",
			   pass->tally.lost),
			(unsigned long long)pass->tally.lost);
	mark_read(pass, !result);
	if (result) {
		reading->attempt->incomplete = true;
		reading->attempt->why = *error;
		snapshot_add_gap(reading->snapshot, GAP_ROOM, -1, _("some sockets"),
				 error->text, NULL);
	}
	note_unreached(pass);
	reading->bpf_tables.used = true;
	reading->bpf_tables.milliseconds += reading_now_ms() - start;
	return 0;
}

void pass_end(struct pass *pass)
{
	if (!pass)
		return;
	bpf_walk_close(pass->walk);
	free(pass->namespaces);
	free(pass->places);
	free(pass);
}
