#include "base/language.h"
#include "source/artefact/linux/kernel.h"
#include "source/linux/process/foreign_socket.h"
#include "source/linux/reading.h"
#include "source/linux/sockets/choice.h"
#include "source/linux/sockets/iterators.h"
#include "source/linux/sockets/proc_net.h"
#include "source/linux/sockets/sock_diag.h"

bool sockets_is_outbound(const struct reading *reading, const struct socket_record *record)
{
	const struct netns *netns = &reading->snapshot->namespaces[reading->netns];

	return record->protocol == PROTOCOL_TCP &&
	       (record->state == SOCKET_ESTABLISHED || record->state == SOCKET_SYN_SENT ||
		record->state == SOCKET_CLOSE_WAIT) &&
	       !port_set_has(&netns->listening[PROTOCOL_TCP], record->local_port);
}

/* What is left of a connection in TIME_WAIT, perhaps in FIN_WAIT2, or not yet accepted in SYN_RECV
 * is no socket of the kernel's count. */
static bool is_allocated(const struct socket_record *record)
{
	return record->inode ||
	       (record->state != SOCKET_TIME_WAIT && record->state != SOCKET_FIN_WAIT2 &&
		record->state != SOCKET_SYN_RECV);
}

void sockets_deliver(struct reading *reading, struct descriptor *held,
		     const struct socket_record *record)
{
	struct socket_record shared;
	bool known =
		held && held->process != NO_WALKED_PROCESS && !reading->request->no_owners;
	enum owner_kind unknown = !record->inode		       ? OWNER_NOBODY :
				  reading_owners_are_complete(reading) ? OWNER_UNFOUND :
									 OWNER_HIDDEN;

	if (record->state == SOCKET_CLOSE) /* while it was read */
		return;
	if (held) {
		held->seen = true;
		held->outbound = sockets_is_outbound(reading, record);
	}
	if (held && held->shared) {
		shared = *record;
		shared.shared = true;
		record = &shared;
	}
	reading_deliver(reading, known ? OWNER_PROCESS : unknown,
			known ? reading_process(reading, held->process) : 0, record);
}

static enum ipv6_only ask_ipv6_only(const struct reading *reading,
				    const struct socket_record *record,
				    const struct descriptor *held)
{
	if (reading->request->root ||
	    (record->protocol == PROTOCOL_TCP && !reading->request->ipv6_only))
		return IPV6_ONLY_UNKNOWN;
	return foreign_socket_ipv6_only(reading->descriptors.processes[held->process].pid,
					held->number);
}

/* A bound-only socket that the dump shows again, or a connection that was closed while it was read: its
 * port may be held by bind() still. */
static void note_closed(struct reading *reading, const struct socket_record *record)
{
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];

	if (port_range_contains(netns->settings.range, record->local_port))
		port_set_add(&netns->maybe_bound, record->local_port);
}

static void take_socket(void *context, const struct socket_record *record)
{
	struct reading *reading = context;
	struct descriptor *held = descriptors_find(&reading->descriptors, record->inode);
	struct socket_record whole = *record;

	if (record->state == SOCKET_CLOSE) {
		note_closed(reading, record);
		return;
	}
	if (record->protocol == PROTOCOL_TCP)
		reading->tcp_seen += is_allocated(record);
	if (record->state == SOCKET_BOUND)
		reading->bound_was_shown = true;
	if (held && record->ipv6_only == IPV6_ONLY_UNKNOWN)
		whole.ipv6_only = ask_ipv6_only(reading, record, held);
	sockets_deliver(reading, held, &whole);
}

static int read_protocol(struct reading *reading, enum protocol protocol, struct error *error)
{
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];
	struct time_wait_rule rule = { .delay_ms = netns->settings.tw_reuse_delay_ms };
	double start = reading_now_ms();
	int result = -1;

	if (reading->iterators)
		return iterators_read(reading, protocol, error);
	if (!reading->request->root && choice_allows(reading, "sock_diag")) {
		result = protocol == PROTOCOL_TCP ?
				 sock_diag_read_tcp(&rule, take_socket, reading,
						    &reading->sock_diag.sockets, error) :
				 sock_diag_read_udp(take_socket, reading,
						    &reading->sock_diag.sockets, error);
		reading->sock_diag.milliseconds += reading_now_ms() - start;
		reading->sock_diag.used = reading->sock_diag.used || !result;
		if (!result)
			return 0;
		/* Half a dump followed by another source would count sockets twice. */
		if (reading->sock_diag.sockets)
			return -1;
		reading->sock_diag.why_not =
			arena_copy(&reading->snapshot->arena, error->text);
		start = reading_now_ms();
	}
	result = proc_net_read(reading->proc, protocol, &rule, take_socket, reading,
			       &reading->proc_net.sockets, error);
	reading->proc_net.milliseconds += reading_now_ms() - start;
	reading->proc_net.used = reading->proc_net.used || !result;
	return result;
}

static void read_or_gap(struct reading *reading, enum protocol protocol)
{
	struct error error;
	int result = read_protocol(reading, protocol, &error);
	struct netns *netns = &reading->snapshot->namespaces[reading->netns];

	if (protocol == PROTOCOL_TCP)
		netns->tcp_read = !result;
	else
		netns->udp_read = !result;
	if (result)
		snapshot_add_gap(reading->snapshot, GAP_ROOM, reading->netns,
				 protocol == PROTOCOL_TCP ? _("TCP sockets") :
							    _("UDP sockets"),
				 error.text, NULL);
}

void sockets_read(struct reading *reading)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		read_or_gap(reading, protocol);
}

int sockets_read_bound(struct reading *reading, struct error *error)
{
	double start = reading_now_ms();
	int result =
		sock_diag_read_bound(take_socket, reading, &reading->sock_diag.sockets, error);

	reading->sock_diag.milliseconds += reading_now_ms() - start;
	reading->sock_diag.used = reading->sock_diag.used || !result;
	return result;
}

void sockets_read_udp(struct reading *reading)
{
	read_or_gap(reading, PROTOCOL_UDP);
}
