#include "source/artefact/linux/linux_join.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/linux/kernel.h"

#include <stdlib.h>
#include <string.h>

/* ---- two files, one listing ---- */

/* Files that were made one behind the other are of one moment. */
enum { TOGETHER_MS = 10 * 60 * 1000 };

static bool are_together(const struct dossier_table *a, const struct dossier_table *b)
{
	int64_t later = a->time_ms && b->time_ms ? a->time_ms - b->time_ms : 0;

	return a->system == FROM_LINUX && b->system == FROM_LINUX && later <= TOGETHER_MS &&
	       later >= -TOGETHER_MS;
}

static bool is_half_of(const struct dossier_table *table, const struct dossier_table *other)
{
	return table->only_ipv4 && other->only_ipv6 && table->shows_tcp == other->shows_tcp &&
	       table->shows_udp == other->shows_udp && are_together(table, other);
}

static bool is_bound_part_of(const struct dossier_table *table,
			     const struct dossier_table *other)
{
	return !table->only_bound && !table->only_ipv4 && !table->only_ipv6 &&
	       other->only_bound && table->shows_tcp && are_together(table, other);
}

/* The other one is none afterwards. */
static void append(struct dossier_table *table, struct dossier_table *other)
{
	for (size_t i = 0; i < other->count; i++) {
		array_reserve(table->sockets, table->count, table->capacity);
		table->sockets[table->count++] = other->sockets[i];
	}
	table->unread_rows += other->unread_rows;
	table->is_excerpt |= other->is_excerpt;
	table->lacks = table->lacks ? table->lacks : other->lacks;
	table->shows_bound |= other->shows_bound;
	free(other->sockets);
	*other = (struct dossier_table){ 0 };
}

void linux_join_halves(struct dossier *dossier)
{
	for (size_t i = 0; i < dossier->table_count; i++)
		for (size_t j = 0; j < dossier->table_count; j++) {
			struct dossier_table *table = &dossier->tables[i];
			struct dossier_table *other = &dossier->tables[j];

			if (is_half_of(table, other)) {
				append(table, other);
				table->only_ipv4 = false;
			} else if (is_bound_part_of(table, other)) {
				append(table, other);
			}
		}
}

/* ---- rows ---- */

static void age_rows(const struct dossier *dossier, struct dossier_table *table)
{
	const struct netns_settings *settings = &dossier->netns.settings;
	const struct time_wait_rule rule = { .delay_ms = settings->tw_reuse_delay_ms };

	/* Without the settings the kernel's delay is not known either. */
	if (settings->tw_reuse < 0 && settings->tw_reuse_delay_ms < 0)
		return;
	for (size_t i = 0; i < table->count; i++) {
		struct dossier_socket *socket = &table->sockets[i];

		if (socket->state == SOCKET_TIME_WAIT && socket->expires_ms)
			socket->age = (uint8_t)time_wait_age_within(&rule, socket->expires_ms,
								    socket->expires_slack_ms);
	}
}

/* Listeners and connections, as the kernel counts them in sockstat's "alloc": not TIME_WAIT, nor requests. */
static int64_t count_allocated(const struct dossier_table *table)
{
	int64_t count = 0;

	for (size_t i = 0; i < table->count; i++) {
		const struct dossier_socket *socket = &table->sockets[i];

		count += socket->protocol == PROTOCOL_TCP &&
			 socket->state != SOCKET_TIME_WAIT &&
			 socket->state != SOCKET_SYN_RECV &&
			 !(socket->state == SOCKET_FIN_WAIT2 && !socket->inode &&
			   socket->expires_ms);
	}
	return count;
}

static bool is_whole(const struct dossier_table *table)
{
	return !table->is_excerpt && !table->unread_rows && !table->only_ipv4 &&
	       !table->only_ipv6;
}

/* More cannot be missing than the kernel counts and the listing has not; a count below the listing's was not taken with it. */
static int64_t count_unseen(const struct dossier *dossier, const struct dossier_table *table)
{
	const int64_t allocated = dossier->netns.counters.tcp_allocated;
	const int64_t listed = count_allocated(table);

	return allocated < listed || !is_whole(table) ? -1 : allocated - listed;
}

/* ---- settings that nobody told ---- */

/* Linux net/ipv4/af_inet.c, inet_init_net(), since 4.2. */
enum { DEFAULT_FIRST = 32768, DEFAULT_LAST = 60999 };

/* Where the ports that this side did not listen on lie elsewhere, it is not the default. */
static bool contradicts_default(const struct dossier_table *tcp)
{
	struct port_set listening = { 0 };
	size_t within = 0, without = 0;

	for (size_t i = 0; i < tcp->count; i++)
		if (tcp->sockets[i].state == SOCKET_LISTEN)
			port_set_add(&listening, tcp->sockets[i].local_port);
	for (size_t i = 0; i < tcp->count; i++) {
		const struct dossier_socket *socket = &tcp->sockets[i];

		if (socket->protocol != PROTOCOL_TCP || socket->state == SOCKET_BOUND ||
		    port_set_has(&listening, socket->local_port))
			continue;
		if (socket->local_port >= DEFAULT_FIRST && socket->local_port <= DEFAULT_LAST)
			within++;
		else if (socket->local_port >= 1024)
			without++;
	}
	port_set_free(&listening);
	return without > within / 4 + 1;
}

static void assume_settings(struct netns_settings *settings, const struct dossier_table *tcp)
{
	if (!port_range_known(settings->range)) {
		if (tcp && tcp->shows_listeners && contradicts_default(tcp))
			return;
		settings->range = (struct port_range){ DEFAULT_FIRST, DEFAULT_LAST };
		settings->assumed = ASSUMED_RANGE;
	}
	if (settings->reserved_known)
		return;
	settings->reserved_known = true;
	if (!settings->assumed)
		settings->assumed = ASSUMED_RESERVED;
}

void linux_join_rows(struct dossier *dossier, struct dossier_table *tcp,
		     struct dossier_table *udp, struct netns *netns)
{
	if (tcp) {
		age_rows(dossier, tcp);
		netns->bound_seen = tcp->shows_bound && is_whole(tcp);
		netns->bound_dumped = netns->bound_seen;
		netns->unseen_most = netns->bound_seen ? 0 : count_unseen(dossier, tcp);
	}
	if (tcp || udp)
		assume_settings(&netns->settings, tcp);
	netns->untested_why = _("a listing does not tell the kinds of ports");
}

/* ---- what is missing ---- */

static void tell_settings(struct dossier *dossier, const struct netns_settings *settings)
{
	struct snapshot *snapshot = dossier->snapshot;
	const char *remedy = _("add the output of sysctl -a");

	if (!port_range_known(settings->range))
		snapshot_add_gap(snapshot, GAP_ROOM, 0, _("the ephemeral port range"),
				 _("none of the files tells it, and connections come from "
				   "ports outside the kernel's default"),
				 remedy);
	else if (settings->assumed == ASSUMED_RANGE)
		snapshot_add_gap(
			snapshot, GAP_ROOM, 0, _("the ephemeral port range"),
			_("none of the files tells it; 32768 to 60999, the kernel's default, "
			  "is assumed"),
			remedy);
	else if (settings->assumed)
		snapshot_add_gap(snapshot, GAP_ROOM, 0, _("reserved ports"),
				 _("none of the files tells them; that there are none is "
				   "assumed"),
				 remedy);
	else if (settings->tw_reuse < 0)
		snapshot_add_gap(snapshot, GAP_ROOM, 0,
				 _("whether TIME_WAIT is reused (tcp_tw_reuse)"),
				 _("none of the files tells it"), remedy);
}

static bool has_hidden(const struct dossier_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->sockets[i].pid < 0)
			return true;
	return false;
}

static void tell_bound(struct dossier *dossier, const struct dossier_table *tcp)
{
	const struct netns *netns = &dossier->snapshot->namespaces[0];

	if (tcp && !netns->bound_seen)
		snapshot_add_gap(
			dossier->snapshot, GAP_ROOM, 0, _("bound-only sockets"),
			netns->unseen_most < 0 ?
				_("the listing does not show them, nor is it told how many "
				  "there can be") :
				_("the listing does not show them"),
			netns->unseen_most < 0 ?
				_("add the output of ss -s, or /proc/net/sockstat") :
				NULL);
}

static void tell_family(struct dossier *dossier, const struct dossier_table *table,
			const char *file)
{
	if (table && (table->only_ipv4 || table->only_ipv6))
		snapshot_add_gap(dossier->snapshot, GAP_ROOM, 0,
				 table->shows_tcp && table->only_ipv4 ?
					 _("TCP sockets of IPv6") :
				 table->shows_tcp ? _("TCP sockets of IPv4") :
				 table->only_ipv4 ? _("UDP sockets of IPv6") :
						    _("UDP sockets of IPv4"),
				 _("they are in another file, which is not there"), file);
}

/* conntrack tells which ports are taken; how many there are say the rules. */
static void tell_nat(struct dossier *dossier)
{
	if (dossier->snapshot->nat.tuple_count)
		snapshot_add_gap(
			dossier->snapshot, GAP_ROOM, 0, _("rules of source NAT"),
			_("none of the files tells them, nor how many ports they give"),
			_("portroom save, on that machine, reads them"));
}

void linux_join_gaps(struct dossier *dossier, const struct dossier_table *tcp,
		     const struct dossier_table *udp)
{
	const struct netns_settings *settings = &dossier->snapshot->namespaces[0].settings;

	if (tcp || udp)
		tell_settings(dossier, settings);
	tell_bound(dossier, tcp);
	tell_nat(dossier);
	tell_family(dossier, tcp,
		    tcp && tcp->only_ipv4 ? _("add /proc/net/tcp6") : _("add /proc/net/tcp"));
	tell_family(dossier, udp,
		    udp && udp->only_ipv4 ? _("add /proc/net/udp6") : _("add /proc/net/udp"));
	if (tcp && !udp)
		snapshot_add_gap(dossier->snapshot, GAP_ROOM, 0, _("UDP sockets"),
				 _("none of the files lists them"), _("ss -uanp lists them"));
	if (tcp && tcp->shows_owners && has_hidden(tcp))
		snapshot_add_gap(dossier->snapshot, GAP_OWNERS, 0,
				 _("who holds some of the ports"),
				 _("the listing names no process for them"),
				 _("ss -tanp, run as root, names all that have one"));
}
