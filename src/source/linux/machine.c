#include "source/source.h"

#include "source/linux/descriptors.h"
#include "source/linux/foreign_socket.h"
#include "source/linux/namespaces.h"
#include "source/linux/port_test.h"
#include "source/linux/proc_file.h"
#include "source/linux/proc_net.h"
#include "source/linux/process.h"
#include "source/linux/route.h"
#include "source/linux/settings.h"
#include "source/linux/sock_diag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/*
 * One machine, one pass: first who has which socket open (one walk of /proc), then each namespace
 * in turn: its settings, its sockets, and the kind of the ports whose kind the dump leaves open.
 * Sockets are matched to their owners as they come, so nothing is kept per socket.
 */

struct reading {
	const struct source_request *request;
	struct snapshot *snapshot;
	int proc;
	struct descriptors descriptors;
	uint32_t *process_of; /* walked process -> snapshot process, UINT32_MAX: not yet */
	struct namespaces namespaces;
	struct namespace_entry *entry; /* the one being read */
	uint32_t netns;
	struct port_set remote_ports; /* of its TCP sockets */
	bool bound_was_shown;	      /* by a dump */
	int bound_support;	      /* as sock_diag_shows_bound(); -2: not asked yet */

	struct source_report sock_diag, proc_net, port_test, owners;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool owners_are_complete(const struct reading *reading)
{
	return !reading->request->no_owners && !reading->descriptors.processes_refused &&
	       !reading->descriptors.failed;
}

/* Advice that only helps whoever is not root yet. */
static const char *unless_root(const char *advice)
{
	return geteuid() ? advice : NULL;
}

/* ---- sockets as they come ---- */

static uint32_t process_index(struct reading *reading, uint32_t walked)
{
	uint32_t *index = &reading->process_of[walked];

	if (*index == UINT32_MAX)
		*index = process_read(reading->snapshot, reading->proc,
				      &reading->descriptors.processes[walked]);
	return *index;
}

static void deliver(struct reading *reading, enum owner_kind kind, uint32_t owner,
		    const struct socket_record *record)
{
	const struct source_request *request = reading->request;

	if (request->on_socket)
		request->on_socket(request->context, reading->snapshot, reading->netns, kind,
				   owner, record);
	else
		snapshot_add_socket(reading->snapshot, reading->netns, kind, owner, record);
}

static bool is_outbound(const struct reading *reading, const struct socket_record *record)
{
	const struct netns *netns = &reading->snapshot->namespaces[reading->netns];

	return record->protocol == PROTOCOL_TCP &&
	       (record->state == SOCKET_ESTABLISHED || record->state == SOCKET_SYN_SENT ||
		record->state == SOCKET_CLOSE_WAIT) &&
	       !port_set_has(&netns->listening[PROTOCOL_TCP], record->local_port);
}

static void take_socket(void *context, const struct socket_record *record)
{
	struct reading *reading = context;
	struct descriptor *held = descriptors_find(&reading->descriptors, record->inode);

	if (record->protocol == PROTOCOL_TCP) {
		if (record->remote_port)
			port_set_add(&reading->remote_ports, record->remote_port);
		if (record->state == SOCKET_BOUND)
			reading->bound_was_shown = true;
	}
	if (held) {
		struct socket_record whole = *record;

		held->seen = true;
		held->outbound = is_outbound(reading, record);
		if (record->ipv6_only == IPV6_ONLY_UNKNOWN && !reading->request->root &&
		    (record->protocol == PROTOCOL_UDP || reading->request->ipv6_only))
			whole.ipv6_only = foreign_socket_ipv6_only(
				reading->descriptors.processes[held->process].pid,
				held->number);
		deliver(reading, OWNER_PROCESS, process_index(reading, held->process), &whole);
	} else {
		deliver(reading,
			!record->inode		     ? OWNER_NOBODY :
			owners_are_complete(reading) ? OWNER_UNFOUND :
						       OWNER_HIDDEN,
			0, record);
	}
}

/* ---- one namespace ---- */

static int read_protocol(struct reading *reading, enum protocol protocol, struct error *error)
{
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];
	struct time_wait_rule rule = { .delay_ms = netns->settings.tw_reuse_delay_ms };
	double start = now_ms();
	int result = -1;

	if (!reading->request->root) {
		result = protocol == PROTOCOL_TCP ?
				 sock_diag_read_tcp(&rule, take_socket, reading,
						    &reading->sock_diag.sockets, error) :
				 sock_diag_read_udp(take_socket, reading,
						    &reading->sock_diag.sockets, error);
		reading->sock_diag.milliseconds += now_ms() - start;
		reading->sock_diag.used = reading->sock_diag.used || !result;
		if (!result)
			return 0;
		/* Half a dump followed by another source would count sockets twice. */
		if (reading->sock_diag.sockets)
			return -1;
		reading->sock_diag.why_not =
			arena_copy(&reading->snapshot->arena, error->text);
		start = now_ms();
	}
	result = proc_net_read(reading->proc, protocol, &rule, take_socket, reading,
			       &reading->proc_net.sockets, error);
	reading->proc_net.milliseconds += now_ms() - start;
	reading->proc_net.used = reading->proc_net.used || !result;
	return result;
}

static void read_sockets(struct reading *reading)
{
	struct error error;

	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++) {
		int result = read_protocol(reading, protocol, &error);
		struct netns *netns = &reading->snapshot->namespaces[reading->netns];

		if (protocol == PROTOCOL_TCP)
			netns->tcp_read = !result;
		else
			netns->udp_read = !result;
		if (result)
			snapshot_add_gap(reading->snapshot, GAP_ROOM, reading->netns,
					 protocol == PROTOCOL_TCP ? "TCP sockets" :
								    "UDP sockets",
					 error.text, NULL);
	}
}

struct unseen_bound {
	struct reading *reading;
	struct port_set *ports; /* first pass: which ports to test */
};

static void note_unseen_port(void *context, uint32_t process,
			     const struct socket_record *record)
{
	struct unseen_bound *unseen = context;

	(void)process;
	port_set_add(unseen->ports, record->local_port);
}

/* A port outside the range was asked for by number, and such a port is held until close(). Inside,
 * only the port test tells a bound socket from one whose port went back at a reset. */
static void take_unseen(void *context, uint32_t process, const struct socket_record *record)
{
	struct unseen_bound *unseen = context;
	struct reading *reading = unseen->reading;
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];

	if (port_set_has(&netns->tested_connect, record->local_port))
		return;
	if (port_range_contains(netns->settings.range, record->local_port) &&
	    !port_set_has(&netns->tested_bind, record->local_port)) {
		port_set_add(&netns->maybe_bound, record->local_port);
		return;
	}
	deliver(reading, OWNER_PROCESS, process_index(reading, process), record);
}

/* Ports of the range that somebody owns, but neither a listener nor a bound-only socket. */
static void collect_uncertain(const struct reading *reading, size_t first_holding,
			      struct port_set *ports)
{
	const struct snapshot *snapshot = reading->snapshot;
	struct port_set certain = { 0 };

	for (size_t i = first_holding; i < snapshot->holding_count; i++) {
		const struct holding *holding = &snapshot->holdings[i];

		if (holding->key.protocol != PROTOCOL_TCP)
			continue;
		if (holding->key.state == SOCKET_LISTEN || holding->key.state == SOCKET_BOUND)
			port_set_add_all(&certain, &holding->ports);
		else if (!holding->key.inbound)
			port_set_add_all(ports, &holding->ports);
	}
	port_set_each(port, &certain)
		port_set_remove(ports, (uint16_t)port);
	port_set_free(&certain);
}

static void add_whole_range(const struct netns *netns, struct port_set *ports)
{
	for (int port = netns->settings.range.first;
	     port && port <= netns->settings.range.last; port++)
		if (!port_set_has(&netns->settings.reserved, (uint16_t)port))
			port_set_add(ports, (uint16_t)port);
}

static void settle_kinds(struct reading *reading, size_t first_holding)
{
	const struct source_request *request = reading->request;
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];
	struct port_set ports = { 0 };
	struct unseen_bound unseen = { .reading = reading, .ports = &ports };
	bool by_descriptor;
	double start;

	if (request->root) {
		netns->untested_why = "a copied /proc does not tell the kinds of ports";
		return;
	}
	if (reading->bound_was_shown)
		reading->bound_support = 1;
	else if (reading->bound_support == -2)
		reading->bound_support = sock_diag_shows_bound();
	by_descriptor = reading->bound_support != 1;
	netns->bound_dumped = !by_descriptor;
	netns->bound_seen = !by_descriptor || owners_are_complete(reading);

	collect_uncertain(reading, first_holding, &ports);
	if (by_descriptor)
		foreign_socket_unseen(&reading->descriptors, note_unseen_port, &unseen);
	if (request->passive) {
		netns->untested_why = "--passive leaves out the port test";
	} else if (!request->no_port_test) {
		start = now_ms();
		/* Bound-only sockets of others are invisible: only the test finds their ports. */
		if (!netns->bound_seen && !request->on_socket)
			add_whole_range(netns, &ports);
		port_test(netns, &ports, &reading->remote_ports);
		reading->port_test.milliseconds += now_ms() - start;
		reading->port_test.used = reading->port_test.used || ports.count;
	}
	if (by_descriptor)
		foreign_socket_unseen(&reading->descriptors, take_unseen, &unseen);
	if (!netns->bound_seen)
		snapshot_add_gap(reading->snapshot, GAP_ROOM, reading->netns,
				 "bound-only sockets of other users",
				 "this kernel does not show them to sock_diag",
				 unless_root("run as root"));
	port_set_free(&ports);
}

static void read_addresses(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	struct netns *netns = &snapshot->namespaces[reading->netns];
	struct error error;

	if (route_local_addresses(&snapshot->arena, &netns->local_addresses,
				  &netns->local_address_count, &error))
		snapshot_add_gap(snapshot, GAP_OWNERS, reading->netns,
				 "addresses of this host", error.text, NULL);
	else
		netns->local_addresses_known = true;
}

static void read_route(struct reading *reading)
{
	struct source_route *route = reading->request->route;
	struct error error;

	if (reading->request->root)
		route->why = "a copied /proc has no routes to ask";
	else if (route_source(route, &error))
		route->why = arena_copy(&reading->snapshot->arena, error.text);
	else if (!route->source.family)
		route->why = "no route to the destination";
}

static void read_namespace(struct reading *reading)
{
	size_t first_holding = reading->snapshot->holding_count;

	reading->netns = namespaces_describe(reading->snapshot, &reading->namespaces,
					     reading->entry, reading->proc);
	port_set_free(&reading->remote_ports);
	settings_read(reading->snapshot, reading->netns, reading->proc);
	if (!reading->request->root)
		read_addresses(reading);
	if (reading->request->route && !reading->netns)
		read_route(reading);
	read_sockets(reading);
	settle_kinds(reading, first_holding);
}

static void skip_namespace(struct reading *reading, int failed)
{
	char what[320], why[160];
	bool refused = failed == EPERM || failed == EACCES;

	snprintf(what, sizeof what, "network namespace %llu (%s)",
		 (unsigned long long)reading->entry->inode, reading->entry->path);
	snprintf(why, sizeof why, "%s",
		 refused ? "no privilege to enter it (CAP_SYS_ADMIN)" :
		 failed == ENOENT || failed == ESTALE ? "it went away while being read" :
							strerror(failed));
	snapshot_add_gap(reading->snapshot, GAP_SCOPE, -1, what, why,
			 refused ? unless_root("run as root") : NULL);
}

static void read_namespaces(struct reading *reading)
{
	struct namespaces *namespaces = &reading->namespaces;

	if (namespaces->count > 1 || namespaces->entries[0].inode != namespaces->own_inode)
		namespaces->own_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	for (size_t i = 0; i < namespaces->count; i++) {
		reading->entry = &namespaces->entries[i];
		if (namespaces_enter(namespaces, reading->entry)) {
			skip_namespace(reading, errno);
			continue;
		}
		read_namespace(reading);
		if (reading->entry->inode != namespaces->own_inode &&
		    namespaces_return(namespaces)) {
			/* Going on would read this namespace under the next one's name. */
			snapshot_add_gap(reading->snapshot, GAP_SCOPE, -1,
					 "other network namespaces", strerror(errno), NULL);
			break;
		}
	}
	if (namespaces->refused)
		snapshot_add_gap(reading->snapshot, GAP_SCOPE, -1,
				 arena_print(&reading->snapshot->arena,
					     "network namespaces of %u process%s",
					     namespaces->refused,
					     namespaces->refused == 1 ? "" : "es"),
				 "no privilege to see them (CAP_SYS_PTRACE)",
				 unless_root("run as root"));
	if (namespaces->own_fd >= 0)
		close(namespaces->own_fd);
}

/* A copied /proc is read as one namespace: that of its net/ folder. */
static void read_copy(struct reading *reading)
{
	char link[64];
	struct namespace_entry entry = { 0 };

	if (proc_file_link(reading->proc, "self/ns/net", link, sizeof link) > 0 ||
	    proc_file_link(reading->proc, "1/ns/net", link, sizeof link) > 0)
		entry.inode = proc_file_link_number(link, "net:[");
	snprintf(entry.path, sizeof entry.path, "%s", reading->request->root);
	reading->namespaces.own_inode = entry.inode;
	reading->entry = &entry;
	read_namespace(reading);
	snapshot_add_gap(reading->snapshot, GAP_ROOM, 0, "bound-only sockets",
			 "a copied /proc does not contain them", NULL);
}

/* ---- the machine ---- */

static const char *os_name(struct arena *arena)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	static const char key[] = "PRETTY_NAME=";
	char text[4096], *line, *end;

	for (size_t i = 0; i < 2; i++) {
		if (proc_file_read(AT_FDCWD, paths[i], text, sizeof text) < 0)
			continue;
		line = strstr(text, key);
		if (!line)
			continue;
		line += strlen(key) + (line[strlen(key)] == '"');
		end = line + strcspn(line, "\"\n");
		return arena_copy_length(arena, line, (size_t)(end - line));
	}
	return NULL;
}

static const char *first_line(struct arena *arena, int directory, const char *path)
{
	char text[256];

	if (proc_file_read(directory, path, text, sizeof text) <= 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return arena_copy(arena, text);
}

static void describe_host(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;
	struct arena *arena = &snapshot->arena;
	struct timespec now;
	struct utsname name;

	clock_gettime(CLOCK_REALTIME, &now);
	snapshot->time_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (reading->request->root) {
		snapshot->system = "Linux";
		snapshot->host_name = first_line(arena, reading->proc, "sys/kernel/hostname");
		snapshot->kernel = first_line(arena, reading->proc, "sys/kernel/osrelease");
		return;
	}
	uname(&name);
	snapshot->host_name = arena_copy(arena, name.nodename);
	snapshot->kernel = arena_copy(arena, name.release);
	snapshot->system = os_name(arena);
}

static void find_owners(struct reading *reading)
{
	struct descriptors *table = &reading->descriptors;
	double start = now_ms();

	reading->owners = (struct source_report){ .name = "proc_fd", .sockets = -1 };
	if (reading->request->no_owners) {
		reading->owners.why_not = "not asked for";
		return;
	}
	descriptors_walk(table, reading->proc);
	reading->owners.used = table->processes_read > 0;
	reading->owners.sockets = (int64_t)table->count;
	reading->owners.milliseconds = now_ms() - start;
	reading->process_of = memory_zeroed(table->process_count, sizeof *reading->process_of);
	for (size_t i = 0; i < table->process_count; i++)
		reading->process_of[i] = UINT32_MAX;
	if (table->processes_refused)
		snapshot_add_gap(reading->snapshot, GAP_OWNERS, -1,
				 arena_print(&reading->snapshot->arena,
					     "sockets of %u process%s",
					     table->processes_refused,
					     table->processes_refused == 1 ? "" : "es"),
				 "no privilege to read their descriptors (CAP_SYS_PTRACE)",
				 unless_root("run as root to name them"));
	if (table->failed)
		snapshot_add_gap(reading->snapshot, GAP_OWNERS, -1, "owners of some sockets",
				 strerror(table->failed), NULL);
}

/* More descriptors than the soft limit may be had; at the hard limit a few must do. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void report_sources(struct reading *reading)
{
	struct snapshot *snapshot = reading->snapshot;

	if (reading->request->root)
		reading->sock_diag.why_not = "a copied /proc is read instead";
	if (!reading->proc_net.used)
		reading->proc_net.why_not = "sock_diag is better";
	if (!reading->port_test.used)
		reading->port_test.why_not =
			reading->request->passive      ? "--passive" :
			reading->request->root	       ? "a copied /proc is read" :
			reading->request->no_port_test ? "not asked for" :
							 "every port's kind is known";
	snapshot_add_source(snapshot, &reading->sock_diag);
	snapshot_add_source(snapshot, &reading->proc_net);
	snapshot_add_source(snapshot, &reading->owners);
	snapshot_add_source(snapshot, &reading->port_test);
}

static int open_proc(const char *root)
{
	int proc, inner;

	proc = open(root ? root : "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!root || proc < 0)
		return proc;
	/* Both DIR and DIR/proc are taken as the copy. */
	inner = openat(proc, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (inner < 0)
		return proc;
	close(proc);
	return inner;
}

int source_read(const struct source_request *request, struct snapshot *snapshot,
		struct error *error)
{
	struct reading reading = {
		.request = request,
		.snapshot = snapshot,
		.bound_support = -2,
		.sock_diag = { .name = "sock_diag" },
		.proc_net = { .name = "proc_net" },
		.port_test = { .name = "port_test", .sockets = -1 },
	};
	int result = 0;

	*snapshot = (struct snapshot){ .scope_is_all = request->scope == SCOPE_ALL };
	raise_descriptor_limit();
	reading.proc = open_proc(request->root);
	if (reading.proc < 0)
		return error_set(error, "%s: %s", request->root ? request->root : "/proc",
				 strerror(errno));
	describe_host(&reading);
	find_owners(&reading);
	if (request->root)
		read_copy(&reading);
	else
		result = namespaces_find(&reading.namespaces, request, reading.proc,
					 &reading.descriptors, error);
	if (!result && !request->root)
		read_namespaces(&reading);
	if (!result && !request->root && !request->no_owners && !request->on_socket)
		foreign_socket_ranges(snapshot, &reading.descriptors, reading.process_of);
	if (!result && !snapshot->namespace_count)
		result = error_set(error, "no network namespace could be read: %s",
				   snapshot->gap_count ? snapshot->gaps[0].why :
							 "none was found");
	report_sources(&reading);
	namespaces_free(&reading.namespaces);
	descriptors_free(&reading.descriptors);
	port_set_free(&reading.remote_ports);
	free(reading.process_of);
	close(reading.proc);
	return result;
}
