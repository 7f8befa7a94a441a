#include "action/close.h"

#include "base/arena.h"
#include "base/language.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * Linux net/core/sock_diag.c and net/ipv4/inet_diag.c: SOCK_DESTROY names one socket as an exact question does, by
 * addresses, ports, interface and cookie, and needs CAP_NET_ADMIN. Connections go by tcp_abort(), net/ipv4/tcp.c,
 * entries in TIME_WAIT are taken off at once. A socket that is bound only is in no table that is looked in: ENOENT.
 */
#ifndef SOCK_DESTROY
#define SOCK_DESTROY 21
#endif

/* It gives each socket's cookie. */
const char *const close_source = "sock_diag";

bool close_can(const struct socket_record *record)
{
	return record->state != SOCKET_BOUND;
}

struct closer {
	struct mnl_socket *netlink;
	unsigned sequence;
	char buffer[8192];
};

struct closer *close_open(struct error *error)
{
	struct closer *closer = memory_zeroed(1, sizeof *closer);

	closer->netlink = mnl_socket_open(NETLINK_SOCK_DIAG);
	if (closer->netlink && !mnl_socket_bind(closer->netlink, 0, MNL_SOCKET_AUTOPID))
		return closer;
	error_set(error, _("sock_diag: cannot open a netlink socket: %s"),
		  language_errno(errno));
	close_end(closer);
	return NULL;
}

void close_end(struct closer *closer)
{
	if (!closer)
		return;
	if (closer->netlink)
		mnl_socket_close(closer->netlink);
	free(closer);
}

/* ---- naming one socket ---- */

static void fill_id(struct inet_diag_sockid *id, const struct socket_record *record)
{
	id->idiag_sport = htons(record->local_port);
	id->idiag_dport = htons(record->remote_port);
	memcpy(id->idiag_src, record->local.bytes, sizeof record->local.bytes);
	memcpy(id->idiag_dst, record->remote.bytes, sizeof record->remote.bytes);
	id->idiag_if = record->device;
	id->idiag_cookie[0] = (uint32_t)record->cookie;
	id->idiag_cookie[1] = (uint32_t)(record->cookie >> 32);
}

/* An IPv6 socket whose addresses are mapped is found by its IPv4 ones: ::ffff:a.b.c.d are looked for among these (Linux
 * net/ipv4/inet_diag.c, inet_diag_find_one_icsk()). */
static struct nlmsghdr *fill_request(char *buffer, uint16_t type,
				     const struct socket_record *record)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(header, sizeof *request);

	header->nlmsg_type = type;
	request->sdiag_family = record->local.family == FAMILY_IPV4 ? AF_INET : AF_INET6;
	request->sdiag_protocol = record->protocol == PROTOCOL_TCP ? IPPROTO_TCP : IPPROTO_UDP;
	request->idiag_states = UINT32_MAX;
	fill_id(&request->id, record);
	return header;
}

/* 0, or an errno; what comes before the acknowledgement goes to `take`. */
static int ask(struct closer *closer, struct nlmsghdr *header, mnl_cb_t take, void *context)
{
	unsigned port = mnl_socket_get_portid(closer->netlink);
	ssize_t length;
	int result;

	header->nlmsg_seq = ++closer->sequence;
	if (mnl_socket_sendto(closer->netlink, header, header->nlmsg_len) < 0)
		return errno;
	do {
		length = mnl_socket_recvfrom(closer->netlink, closer->buffer,
					     sizeof closer->buffer);
		if (length < 0)
			return errno;
		result = mnl_cb_run(closer->buffer, (size_t)length, closer->sequence, port,
				    take, context);
	} while (result > 0);
	return result < 0 ? errno : 0;
}

/* ---- sockets that share an address and a port ---- */

/*
 * Of sockets that share an address and a port (SO_REUSEPORT, or SO_REUSEADDR for UDP) the kernel finds one, by a hash
 * of both ends as for a packet, and ENOENT if that has another cookie (Linux net/ipv4/inet_diag.c, inet_diag_find_one_icsk();
 * net/ipv4/udp_diag.c, __udp_diag_destroy()). What has no peer is found whatever peer is named: another port of it is
 * another hash. It is the cookie that decides what is closed.
 */
enum { PEERS_TRIED = 4096 };
enum { KERNEL_TCP_LISTEN = 10 }; /* include/net/tcp_states.h */

static int destroy(struct closer *closer, const struct socket_record *record,
		   uint16_t peer_port)
{
	char buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct inet_diag_req_v2))] = { 0 };
	struct nlmsghdr *header = fill_request(buffer, SOCK_DESTROY, record);
	struct inet_diag_req_v2 *request = mnl_nlmsg_get_payload(header);

	if (peer_port)
		request->id.idiag_dport = htons(peer_port);
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	return ask(closer, header, NULL, NULL);
}

struct looking {
	uint64_t cookie;
	bool found;
};

static int compare_cookie(const struct nlmsghdr *header, void *context)
{
	const struct inet_diag_msg *message = mnl_nlmsg_get_payload(header);
	struct looking *looking = context;

	looking->found |= (message->id.idiag_cookie[0] | (uint64_t)message->id.idiag_cookie[1]
								 << 32) == looking->cookie;
	return MNL_CB_OK;
}

/* Among all on its port; the family is that of the socket, which an address that is mapped does not tell. */
static bool is_listed(struct closer *closer, const struct socket_record *record)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct looking looking = { .cookie = record->cookie };

	for (size_t i = 0; i < 2 && !looking.found; i++) {
		char buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct inet_diag_req_v2))] = {
			0
		};
		struct nlmsghdr *header = fill_request(buffer, SOCK_DIAG_BY_FAMILY, record);
		struct inet_diag_req_v2 *request = mnl_nlmsg_get_payload(header);

		request->sdiag_family = families[i];
		request->id.idiag_dport = 0;
		if (record->protocol == PROTOCOL_TCP)
			request->idiag_states = 1U << KERNEL_TCP_LISTEN;
		header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		(void)ask(closer, header, compare_cookie, &looking);
	}
	return looking.found;
}

static bool may_share(const struct socket_record *record)
{
	return record->protocol == PROTOCOL_UDP || record->state == SOCKET_LISTEN;
}

/* 0, or ENOENT. */
static int destroy_shared(struct closer *closer, const struct socket_record *record)
{
	int failed = ENOENT;

	for (unsigned i = 1; failed == ENOENT && !record->remote_port && i <= PEERS_TRIED; i++)
		failed = destroy(closer, record, (uint16_t)i);
	return failed;
}

enum close_result close_socket(struct closer *closer, const struct socket_record *record,
			       struct error *error)
{
	int failed = destroy(closer, record, 0);

	if (failed == ENOENT && may_share(record) && is_listed(closer, record)) {
		failed = destroy_shared(closer, record);
		if (failed == ENOENT) {
			error_set(error, _("others share its address and port, and the kernel "
					   "finds only these"));
			return CLOSE_FAILED;
		}
	}
	switch (failed) {
	case 0:
		return CLOSE_DONE;
	case ENOENT:
	case ESTALE:
		error_set(error, _("it was closed meanwhile"));
		return CLOSE_GONE;
	case EPERM:
	case EACCES:
		error_set(error,
			  _("no privilege to close sockets of others (CAP_NET_ADMIN); run as "
			    "root"));
		return CLOSE_NOT_PERMITTED;
	case EOPNOTSUPP:
	case EINVAL:
		error_set(error, _("this kernel closes no sockets from outside "
				   "(CONFIG_INET_DIAG_DESTROY is off)"));
		return CLOSE_NOT_SUPPORTED;
	}
	error_set(error, "%s", language_errno(failed));
	return CLOSE_FAILED;
}

/* ---- what moves ---- */

static uint32_t least(uint32_t one, uint32_t other)
{
	return one < other ? one : other;
}

static int take_motion(const struct nlmsghdr *header, void *context)
{
	struct close_motion *motion = context;
	const struct nlattr *attribute;
	struct tcp_info info = { 0 };

	mnl_attr_for_each(attribute, header, sizeof(struct inet_diag_msg)) {
		size_t size = mnl_attr_get_payload_len(attribute);

		if (mnl_attr_get_type(attribute) != INET_DIAG_INFO)
			continue;
		memcpy(&info, mnl_attr_get_payload(attribute),
		       size < sizeof info ? size : sizeof info);
		motion->known = true;
		motion->bytes_sent = info.tcpi_bytes_acked;
		motion->bytes_received = info.tcpi_bytes_received;
		motion->quiet_ms =
			least(info.tcpi_last_ack_recv,
			      least(info.tcpi_last_data_recv, info.tcpi_last_data_sent));
	}
	return MNL_CB_STOP;
}

struct close_motion close_watch(struct closer *closer, const struct socket_record *record)
{
	char buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct inet_diag_req_v2))] = { 0 };
	struct nlmsghdr *header = fill_request(buffer, SOCK_DIAG_BY_FAMILY, record);
	struct inet_diag_req_v2 *request = mnl_nlmsg_get_payload(header);
	struct close_motion motion = { .quiet_ms = -1 };

	request->idiag_ext = 1 << (INET_DIAG_INFO - 1);
	header->nlmsg_flags = NLM_F_REQUEST;
	if (ask(closer, header, take_motion, &motion))
		motion.known = false;
	return motion;
}
