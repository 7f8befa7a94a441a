#include "source/linux/sockets/sock_diag.h"

#include "base/language.h"
#include "source/artefact/linux/kernel.h"
#include "source/linux/netns/own_namespace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * TCP is asked by the old TCPDIAG_GETSOCK request, because only that one dumps IPv4 and IPv6 in
 * one walk of the kernel's table (Linux net/ipv4/inet_diag.c, inet_diag_dump_compat(): family
 * AF_UNSPEC). The walk visits every bucket of a table that all namespaces share, so it is what a
 * quiet machine pays for.
 */

/*
 * The kernel's own numbers, include/net/tcp_states.h; 13 is TCP_BOUND_INACTIVE, in requests only:
 * such sockets come back as 7 (CLOSE). So does a connection that is closed between the moment at
 * which the dump chose it and that at which it was described (Linux net/ipv4/inet_diag.c,
 * inet_diag_dump_icsk(): up to 16 sockets are chosen under the lock of their bucket, then described
 * without it).
 */
enum {
	KERNEL_LISTEN = 10,
	KERNEL_CLOSE = 7,
	KERNEL_TIME_WAIT = 6,
	KERNEL_STATES = 0xfff,
	KERNEL_BOUND_INACTIVE = 1 << 13
};

/* A dump's messages are at most this large (Linux net/netlink/af_netlink.c, netlink_recvmsg()). */
enum { RECEIVE_SIZE = 32 * 1024 };

struct reader {
	enum protocol protocol;
	const struct time_wait_rule *rule;
	sock_diag_callback callback;
	void *context;
	int64_t sockets;
	bool only_bound; /* what the request asked for */
	bool met_closed;
};

static void read_attributes(const struct nlmsghdr *header, struct socket_record *record)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, header, sizeof(struct inet_diag_msg)) {
		const void *data = mnl_attr_get_payload(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case INET_DIAG_SKV6ONLY:
			if (mnl_attr_get_payload_len(attribute) >= 1)
				record->ipv6_only =
					*(const uint8_t *)data ? IPV6_ONLY_YES : IPV6_ONLY_NO;
			break;
		case INET_DIAG_SOCKOPT: {
			struct inet_diag_sockopt options = { 0 };
			size_t size = mnl_attr_get_payload_len(attribute);

			memcpy(&options, data, size < sizeof options ? size : sizeof options);
			record->option_known = true;
			record->no_port = options.bind_address_no_port;
			break;
		}
		}
	}
}

static int read_message(const struct nlmsghdr *header, void *data)
{
	struct reader *reader = data;
	const struct inet_diag_msg *message = mnl_nlmsg_get_payload(header);
	struct socket_record record = { .protocol = reader->protocol };
	bool six;

	if (mnl_nlmsg_get_payload_len(header) < sizeof *message)
		return MNL_CB_OK;
	six = message->idiag_family == AF_INET6;
	record.local = six ? address_ipv6(message->id.idiag_src) :
			     address_ipv4(message->id.idiag_src);
	record.remote = six ? address_ipv6(message->id.idiag_dst) :
			      address_ipv4(message->id.idiag_dst);
	record.local_port = ntohs(message->id.idiag_sport);
	record.remote_port = ntohs(message->id.idiag_dport);
	record.inode = message->idiag_inode;
	record.device = message->id.idiag_if;
	record.user = message->idiag_uid;
	record.cookie = message->id.idiag_cookie[0] | (uint64_t)message->id.idiag_cookie[1]
							      << 32;
	/* The dump tells it of sockets without a peer only. */
	record.ipv6_only =
		record.local.family == FAMILY_IPV6 ? IPV6_ONLY_UNKNOWN : IPV6_ONLY_NO;
	if (reader->protocol == PROTOCOL_UDP) {
		record.state = message->idiag_state == KERNEL_CLOSE ? SOCKET_UNCONNECTED :
								      SOCKET_ESTABLISHED;
	} else {
		record.state = kernel_tcp_state(message->idiag_state);
		if (message->idiag_state == KERNEL_TIME_WAIT && reader->rule) {
			record.expires_ms = message->idiag_expires;
			record.age = time_wait_age(reader->rule, record.expires_ms);
		}
		if (record.state == SOCKET_CLOSE && reader->only_bound)
			record.state = SOCKET_BOUND;
		reader->met_closed = reader->met_closed || record.state == SOCKET_CLOSE;
	}
	read_attributes(header, &record);
	if (record.local.family == FAMILY_IPV4)
		record.ipv6_only = IPV6_ONLY_NO; /* a mapped address is IPv4 in all respects */
	reader->sockets += record.state != SOCKET_CLOSE; /* told again, or gone */
	reader->callback(reader->context, &record);
	return MNL_CB_OK;
}

/* Sends one dump request and reads its answer to the end. */
static int dump(struct nlmsghdr *request, struct reader *reader, struct error *error)
{
	struct mnl_socket *netlink = mnl_socket_open(NETLINK_SOCK_DIAG);
	char *buffer = NULL;
	ssize_t length;
	int result = -1;

	if (!netlink)
		return error_set(error, _("sock_diag: cannot open a netlink socket: %s"),
				 language_errno(errno));
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = 1;
	if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(netlink, request, request->nlmsg_len) < 0) {
		error_set(error, _("sock_diag: the request was not taken: %s"),
			  language_errno(errno));
		goto out;
	}
	buffer = malloc(RECEIVE_SIZE);
	if (!buffer) {
		error_set(error, _("sock_diag: out of memory"));
		goto out;
	}
	do {
		length = mnl_socket_recvfrom(netlink, buffer, RECEIVE_SIZE);
		if (length < 0 && errno == EINTR)
			continue;
		result = length < 0 ? -1 :
				      mnl_cb_run(buffer, (size_t)length, 1,
						 mnl_socket_get_portid(netlink), read_message,
						 reader);
	} while (result > 0);
	if (result < 0)
		error_set(error, _("sock_diag: the dump broke off: %s"),
			  language_errno(errno));
out:
	free(buffer);
	mnl_socket_close(netlink);
	return result < 0 ? -1 : 0;
}

static int dump_tcp(uint32_t states, struct reader *reader, struct error *error)
{
	char buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct inet_diag_req))] = { 0 };
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req *request = mnl_nlmsg_put_extra_header(header, sizeof *request);

	header->nlmsg_type = TCPDIAG_GETSOCK;
	request->idiag_family = AF_INET; /* not looked at: both families come */
	request->idiag_states = states;
	return dump(header, reader, error);
}

int sock_diag_read_tcp(const struct time_wait_rule *rule, sock_diag_callback callback,
		       void *context, int64_t *sockets, struct error *error)
{
	struct reader reader = {
		.protocol = PROTOCOL_TCP,
		.rule = rule,
		.callback = callback,
		.context = context,
	};
	int result = dump_tcp(KERNEL_STATES | KERNEL_BOUND_INACTIVE, &reader, error);

	*sockets += reader.sockets;
	if (result || !reader.met_closed)
		return result;
	/* Which of them are bound, only a dump without connections tells. */
	return sock_diag_read_bound(callback, context, sockets, error);
}

int sock_diag_read_bound(sock_diag_callback callback, void *context, int64_t *sockets,
			 struct error *error)
{
	struct reader reader = {
		.protocol = PROTOCOL_TCP,
		.callback = callback,
		.context = context,
		.only_bound = true,
	};
	int result = dump_tcp(KERNEL_BOUND_INACTIVE, &reader, error);

	*sockets += reader.sockets;
	return result;
}

static int dump_udp(uint8_t family, struct reader *reader, struct error *error)
{
	char buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct inet_diag_req_v2))] = { 0 };
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(header, sizeof *request);

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request->sdiag_family = family;
	request->sdiag_protocol = IPPROTO_UDP;
	request->idiag_states = UINT32_MAX;
	return dump(header, reader, error);
}

int sock_diag_read_udp(sock_diag_callback callback, void *context, int64_t *sockets,
		       struct error *error)
{
	struct reader reader = {
		.protocol = PROTOCOL_UDP,
		.callback = callback,
		.context = context,
	};
	int result = dump_udp(AF_INET, &reader, error);

	if (!result)
		result = dump_udp(AF_INET6, &reader, error);
	*sockets += reader.sockets;
	return result;
}

static void ignore_socket(void *context, const struct socket_record *record)
{
	(void)context;
	(void)record;
}

/* In a namespace of its own, where nobody's port is taken: one bound socket must be shown. */
static int try_bound(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct reader reader = {
		.protocol = PROTOCOL_TCP,
		.callback = ignore_socket,
		.only_bound = true,
	};
	struct error error;
	int bound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), result = -1;

	if (bound >= 0 && !bind(bound, (struct sockaddr *)&any, sizeof any) &&
	    !dump_tcp(KERNEL_BOUND_INACTIVE, &reader, &error))
		result = reader.sockets > 0;
	if (bound >= 0)
		close(bound);
	return result;
}

int sock_diag_shows_bound(void)
{
	return own_namespace_try(try_bound);
}
