#include "base/language.h"
#include "source/linux/bpf/iterators.h"
#include "source/linux/netns/settings.h"
#include "source/linux/process/foreign_socket.h"
#include "source/linux/reading.h"
#include "source/linux/sockets/iterators.h"
#include "source/linux/sockets/port_test.h"
#include "source/linux/sockets/sock_diag.h"

/*
 * A listener or a bound-only socket makes a port bind-owned for certain; of the other ports in use
 * the port test asks the kernel. Where bound-only sockets are not shown (before Linux 6.8) those
 * that a descriptor names are looked at one by one, and tested too. BPF iterators tell the kinds with
 * the sockets, and the bound-only ones with the descriptors: little is left to test.
 */

struct unseen_bound {
	struct reading *reading;
	struct port_set *ports;		 /* first pass: which ports to test */
	struct port_set claimed, shared; /* named by one socket, by several */
};

static void note_unseen_port(void *context, uint32_t process,
			     const struct socket_record *record)
{
	struct unseen_bound *unseen = context;

	(void)process;
	port_set_add(unseen->ports, record->local_port);
	if (port_set_has(&unseen->claimed, record->local_port))
		port_set_add(&unseen->shared, record->local_port);
	port_set_add(&unseen->claimed, record->local_port);
}

/* A port outside the range was asked for by number, and such a port is held until close(). Inside,
 * only the port test tells a bound socket from one whose port went back at a reset; and not even
 * that when another socket has the same port and may be what the test found. */
static void take_unseen(void *context, uint32_t process, const struct socket_record *record)
{
	struct unseen_bound *unseen = context;
	struct reading *reading = unseen->reading;
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];

	if (port_set_has(&netns->known_connect, record->local_port))
		return;
	if (port_range_contains(netns->settings.range, record->local_port) &&
	    (!port_set_has(&netns->known_bind, record->local_port) ||
	     (record->once_connected && port_set_has(&unseen->shared, record->local_port)))) {
		port_set_add(&netns->maybe_bound, record->local_port);
		return;
	}
	reading_deliver(reading, OWNER_PROCESS, reading_process(reading, process), record);
}

/* Ports of the range that somebody owns, but neither a listener nor a bound-only socket; and those of
 * sockets that were closed while they were read. */
static void collect_uncertain(const struct reading *reading, size_t first_holding,
			      struct port_set *ports)
{
	const struct snapshot *snapshot = reading->snapshot;
	struct netns *netns = &snapshot->namespaces[reading->netns];
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
		port_set_remove(&netns->maybe_bound, (uint16_t)port);
	port_set_add_all(ports, &netns->maybe_bound);
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

/*
 * How many TCP sockets the kernel counts that neither a dump nor a descriptor showed: processes of
 * other pid namespaces, sockets on their way through a unix socket, threads with descriptors of
 * their own have some. -1: the count could not be read. Sockets come and go while the dump runs: the
 * larger of the counts before and after it is taken.
 */
static int64_t count_hidden(struct reading *reading, const struct netns *netns,
			    int64_t looked_into)
{
	int64_t before = netns->counters.tcp_allocated;
	int64_t after = settings_tcp_allocated(reading->proc);
	int64_t known = reading->tcp_seen + looked_into;

	if (before < 0 || after < 0)
		return -1;
	before = before > after ? before : after;
	/* A copy whose count is below its own tables was not made at one moment, or not truly. */
	if (reading->request->root && before < known)
		return -1;
	return before > known ? before - known : 0;
}

/* Whether the kernel's dumps contain bound-only sockets; tried once, if no dump has proved it. Not in the
 * examined namespace, so with --passive, too. */
static bool dumps_show_bound(struct reading *reading)
{
	if (reading->bound_was_shown)
		reading->bound_support = 1;
	else if (reading->bound_support == -2)
		reading->bound_support = sock_diag_shows_bound();
	return reading->bound_support == 1;
}

/* Ports that sockets without an entry in any dump name, to be tested with the others. Returns how many
 * of these sockets could be looked into. */
static int64_t note_unseen(struct reading *reading, size_t first_holding,
			   struct unseen_bound *unseen)
{
	const struct snapshot *snapshot = reading->snapshot;

	for (size_t i = first_holding; i < snapshot->holding_count; i++)
		if (snapshot->holdings[i].key.protocol == PROTOCOL_TCP)
			port_set_add_all(&unseen->claimed, &snapshot->holdings[i].ports);
	return foreign_socket_unseen(&reading->descriptors, note_unseen_port, unseen);
}

static void forget_answered(struct netns *netns)
{
	if (!netns->maybe_bound.count)
		return;
	port_set_each(port, &netns->known_bind)
		port_set_remove(&netns->maybe_bound, (uint16_t)port);
	port_set_each(port, &netns->known_connect)
		port_set_remove(&netns->maybe_bound, (uint16_t)port);
}

static void test_ports(struct reading *reading, struct netns *netns, struct port_set *ports)
{
	const struct source_request *request = reading->request;
	double start = reading_now_ms();

	if (request->passive) {
		netns->untested_why = _("--passive leaves out the port test");
		return;
	}
	if (request->no_port_test) {
		/* Nor were ports found that hidden sockets have. */
		if (!netns->bound_seen)
			netns->untested_why = _("no port was tried");
		return;
	}
	/* Bound-only sockets that are hidden: only the test finds their ports. */
	if (!netns->bound_seen && !request->on_socket)
		add_whole_range(netns, ports);
	port_test(netns, ports);
	forget_answered(netns);
	reading->port_test.milliseconds += reading_now_ms() - start;
	reading->port_test.used = reading->port_test.used || ports->count;
}

static void add_hidden_gap(struct reading *reading)
{
	snapshot_add_gap(
		reading->snapshot, GAP_ROOM, reading->netns,
		_("bound-only sockets that no readable process holds"),
		reading->bound_support ?
			_("whether this kernel shows them to sock_diag could not be tried") :
			_("this kernel does not show them to sock_diag"),
		reading_unless_root(_("run as root")));
}

static void settle_dumped(struct reading *reading, size_t first_holding)
{
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];
	struct port_set ports = { 0 };
	struct unseen_bound unseen = { .reading = reading, .ports = &ports };

	if (reading->request->root) {
		netns->unseen_most = count_hidden(reading, netns, 0);
		netns->untested_why = _("a copied /proc does not tell the kinds of ports");
		return;
	}
	netns->bound_dumped = dumps_show_bound(reading);
	collect_uncertain(reading, first_holding, &ports);
	if (!netns->bound_dumped)
		netns->unseen_most = count_hidden(
			reading, netns, note_unseen(reading, first_holding, &unseen));
	netns->bound_seen = netns->bound_dumped || !netns->unseen_most;
	test_ports(reading, netns, &ports);
	if (!netns->bound_dumped)
		foreign_socket_unseen(&reading->descriptors, take_unseen, &unseen);
	if (!netns->bound_seen)
		add_hidden_gap(reading);
	port_set_free(&ports);
	port_set_free(&unseen.claimed);
	port_set_free(&unseen.shared);
}

/* Ports that need no test; some sockets may say this of a port and some that, for they were read one
 * after the other. */
static void take_out_known(struct netns *netns, struct port_set *ports)
{
	port_set_each(port, &netns->known_bind) {
		port_set_remove(&netns->known_connect, (uint16_t)port);
		port_set_remove(ports, (uint16_t)port);
	}
	port_set_each(port, &netns->known_connect)
		port_set_remove(ports, (uint16_t)port);
}

/* By sock_diag, which visits every connection for that, but knows those, too, that no descriptor leads to.
 * False where nothing came of it. */
static bool dump_bound(struct reading *reading, struct netns *netns)
{
	int64_t before = reading->sock_diag.sockets;
	struct error error;

	netns->bound_seen = !sockets_read_bound(reading, &error);
	if (netns->bound_seen)
		return true;
	if (reading->sock_diag.sockets == before)
		return false;
	netns->unseen_most = -1;
	snapshot_add_gap(reading->snapshot, GAP_ROOM, reading->netns, _("bound-only sockets"),
			 error.text, NULL);
	return true;
}

/* Those that descriptors led to are all, if the kernel's count of TCP sockets leaves none. */
static void read_bound(struct reading *reading, struct netns *netns)
{
	reading->bound_support = bpf_iterators_shows_bound(reading->iterators);
	netns->bound_dumped = reading->bound_support;
	if (netns->bound_dumped && dump_bound(reading, netns))
		return;
	netns->unseen_most =
		count_hidden(reading, netns, descriptors_unseen_tcp(&reading->descriptors));
	netns->bound_seen = !netns->unseen_most;
	iterators_take_bound(reading);
	if (!netns->bound_seen)
		add_hidden_gap(reading);
}

static void settle_iterated(struct reading *reading, size_t first_holding)
{
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];
	struct port_set ports = { 0 };

	read_bound(reading, netns);
	collect_uncertain(reading, first_holding, &ports);
	take_out_known(netns, &ports);
	netns->kinds_read = !ports.count && netns->bound_seen;
	if (netns->kinds_read)
		port_set_free(&netns->known_connect); /* goes without saying now */
	else
		test_ports(reading, netns, &ports);
	port_set_free(&ports);
}

void kinds_settle(struct reading *reading, size_t first_holding)
{
	if (reading->iterators)
		settle_iterated(reading, first_holding);
	else
		settle_dumped(reading, first_holding);
}

/* ---- after a pass ---- */

/* TCP ports that bind() took, though no socket was seen that has them. */
static void find_unexplained(const struct reading *reading, uint32_t netns,
			     struct port_set *ports)
{
	const struct snapshot *snapshot = reading->snapshot;

	port_set_add_all(ports, &snapshot->namespaces[netns].known_bind);
	if (reading->met)
		port_set_each(port, &reading->met[netns])
			port_set_remove(ports, (uint16_t)port);
	snapshot_each_holding(holding, snapshot, netns) {
		if (!ports->count)
			return;
		if (holding->key.protocol == PROTOCOL_TCP)
			port_set_each(port, &holding->ports)
				port_set_remove(ports, (uint16_t)port);
	}
}

bool kinds_are_explained(const struct reading *reading, uint32_t netns)
{
	struct port_set ports = { 0 };
	bool explained;

	find_unexplained(reading, netns, &ports);
	explained = !ports.count;
	port_set_free(&ports);
	return explained;
}

struct explaining {
	struct reading *reading;
	struct port_set ports;
};

static void take_explanation(void *context, const struct socket_record *record)
{
	struct explaining *explaining = context;

	if (port_set_has(&explaining->ports, record->local_port))
		reading_deliver(explaining->reading,
				explaining->reading->request->no_owners ? OWNER_HIDDEN :
									  OWNER_UNFOUND,
				0, record);
}

void kinds_explain(struct reading *reading)
{
	struct explaining explaining = { .reading = reading };
	struct error error;

	find_unexplained(reading, reading->netns, &explaining.ports);
	/* Where it fails these ports stay without an owner, and bind() gets an interval. */
	if (explaining.ports.count &&
	    !sock_diag_read_bound(take_explanation, &explaining, &reading->sock_diag.sockets,
				  &error))
		reading->sock_diag.used = true;
	port_set_free(&explaining.ports);
}
