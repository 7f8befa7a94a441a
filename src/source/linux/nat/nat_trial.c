#define _GNU_SOURCE /* accept4() */
#include "source/linux/nat/nat_trial.h"

#include "source/linux/nat/netfilter.h"
#include "source/linux/netns/own_namespace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Source NAT with a single port: a connection takes it and is closed, so that its entry is in
 * TIME_WAIT; others want the port. A kernel that gives it does so if the sequence number of the new
 * connection is ahead of the old one's, which is chance: Linux net/netfilter/nf_nat_core.c,
 * nf_nat_used_tuple_harder(). A few attempts make it certain enough.
 */

enum { NAT_PORT = 40000, ATTEMPTS = 12, ANSWER_MS = 5 };

/* ---- the rule ---- */

static struct nlmsghdr *begin(struct mnl_nlmsg_batch *batch, uint16_t type, uint8_t family,
			      uint16_t subsystem)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(mnl_nlmsg_batch_current(batch));
	struct nfgenmsg *body = mnl_nlmsg_put_extra_header(header, sizeof *body);

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE;
	body->nfgen_family = family;
	body->version = NFNETLINK_V0;
	body->res_id = htons(subsystem);
	return header;
}

static struct nlmsghdr *begin_change(struct mnl_nlmsg_batch *batch, uint8_t message)
{
	return begin(batch, NFNL_SUBSYS_NFTABLES << 8 | message, NFPROTO_IPV4, 0);
}

static void add_mark(struct mnl_nlmsg_batch *batch, uint16_t type)
{
	begin(batch, type, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	mnl_nlmsg_batch_next(batch);
}

/* Begins an expression; both nests are ended by end_expression(). */
struct expression {
	struct nlattr *element, *data;
};

static struct expression begin_expression(struct nlmsghdr *header, const char *name)
{
	struct expression expression;

	expression.element = mnl_attr_nest_start(header, NFTA_LIST_ELEM);
	mnl_attr_put_strz(header, NFTA_EXPR_NAME, name);
	expression.data = mnl_attr_nest_start(header, NFTA_EXPR_DATA);
	return expression;
}

static void end_expression(struct nlmsghdr *header, struct expression expression)
{
	mnl_attr_nest_end(header, expression.data);
	mnl_attr_nest_end(header, expression.element);
}

static void put_constant(struct nlmsghdr *header, uint32_t to, const void *bytes, size_t size)
{
	struct expression expression = begin_expression(header, "immediate");
	struct nlattr *data;

	mnl_attr_put_u32(header, NFTA_IMMEDIATE_DREG, htonl(to));
	data = mnl_attr_nest_start(header, NFTA_IMMEDIATE_DATA);
	mnl_attr_put(header, NFTA_DATA_VALUE, size, bytes);
	mnl_attr_nest_end(header, data);
	end_expression(header, expression);
}

static void put_nat(struct nlmsghdr *header)
{
	struct expression expression = begin_expression(header, "nat");

	mnl_attr_put_u32(header, NFTA_NAT_TYPE, htonl(NFT_NAT_SNAT));
	mnl_attr_put_u32(header, NFTA_NAT_FAMILY, htonl(NFPROTO_IPV4));
	mnl_attr_put_u32(header, NFTA_NAT_REG_ADDR_MIN, htonl(NFT_REG_1));
	mnl_attr_put_u32(header, NFTA_NAT_REG_PROTO_MIN, htonl(NFT_REG_2));
	end_expression(header, expression);
}

static void add_chain(struct mnl_nlmsg_batch *batch, const char *name)
{
	struct nlmsghdr *header = begin_change(batch, NFT_MSG_NEWTABLE);
	struct nlattr *hook;

	mnl_attr_put_strz(header, NFTA_TABLE_NAME, name);
	mnl_nlmsg_batch_next(batch);

	header = begin_change(batch, NFT_MSG_NEWCHAIN);
	mnl_attr_put_strz(header, NFTA_CHAIN_TABLE, name);
	mnl_attr_put_strz(header, NFTA_CHAIN_NAME, name);
	hook = mnl_attr_nest_start(header, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(header, NFTA_HOOK_HOOKNUM, htonl(NF_INET_POST_ROUTING));
	mnl_attr_put_u32(header, NFTA_HOOK_PRIORITY, htonl(100));
	mnl_attr_nest_end(header, hook);
	mnl_attr_put_strz(header, NFTA_CHAIN_TYPE, "nat");
	mnl_nlmsg_batch_next(batch);
}

static void add_rule(struct mnl_nlmsg_batch *batch, const char *name)
{
	const uint32_t address = htonl(INADDR_LOOPBACK);
	const uint16_t port = htons(NAT_PORT);
	struct nlmsghdr *header = begin_change(batch, NFT_MSG_NEWRULE);
	struct nlattr *list;

	header->nlmsg_flags |= NLM_F_APPEND | NLM_F_ACK;
	mnl_attr_put_strz(header, NFTA_RULE_TABLE, name);
	mnl_attr_put_strz(header, NFTA_RULE_CHAIN, name);
	list = mnl_attr_nest_start(header, NFTA_RULE_EXPRESSIONS);
	put_constant(header, NFT_REG_1, &address, sizeof address);
	put_constant(header, NFT_REG_2, &port, sizeof port);
	put_nat(header);
	mnl_attr_nest_end(header, list);
	mnl_nlmsg_batch_next(batch);
}

/* The acknowledgement of the rule, or the first error. */
static int send_batch(const void *bytes, size_t size)
{
	struct mnl_socket *netlink = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	char answer[4096];
	ssize_t length = -1;

	if (netlink && mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) >= 0 &&
	    mnl_socket_sendto(netlink, bytes, size) >= 0)
		length = mnl_socket_recvfrom(netlink, answer, sizeof answer);
	if (netlink)
		mnl_socket_close(netlink);
	return length < 0 ? -1 : mnl_cb_run(answer, (size_t)length, 0, 0, NULL, NULL);
}

static int make_nat(void)
{
	static const char name[] = "trial";
	char bytes[4096];
	struct mnl_nlmsg_batch *batch = mnl_nlmsg_batch_start(bytes, sizeof bytes / 2);
	int result;

	if (!batch)
		return -1;
	add_mark(batch, NFNL_MSG_BATCH_BEGIN);
	add_chain(batch, name);
	add_rule(batch, name);
	add_mark(batch, NFNL_MSG_BATCH_END);
	result = send_batch(mnl_nlmsg_batch_head(batch), mnl_nlmsg_batch_size(batch));
	mnl_nlmsg_batch_stop(batch);
	return result < 0 ? -1 : 0;
}

/* ---- connections ---- */

static int set_up_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;

	if (fd < 0)
		return -1;
	result = ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
	return result;
}

static int listen_anywhere(struct sockaddr_in *address)
{
	socklen_t size = sizeof *address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_in){ .sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd >= 0 && (bind(fd, (struct sockaddr *)address, size) || listen(fd, ATTEMPTS) ||
			getsockname(fd, (struct sockaddr *)address, &size))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* False where there is no answer at once. */
static bool connects(int fd, const struct sockaddr_in *to)
{
	struct pollfd answer = { .fd = fd, .events = POLLOUT };
	int error = 0;
	socklen_t size = sizeof error;

	if (!connect(fd, (const struct sockaddr *)to, sizeof *to))
		return true;
	return errno == EINPROGRESS && poll(&answer, 1, ANSWER_MS) == 1 &&
	       !getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) && !error;
}

static bool try_connection(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool connected = fd >= 0 && connects(fd, to);

	if (fd >= 0)
		close(fd);
	return connected;
}

/* A connection that is closed by this side first, then by the other. While it is open there must be no
 * second one, or this is no NAT with a single port. */
static int leave_time_wait(int listener, const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool connected = fd >= 0 && connects(fd, to), alone = !try_connection(to);
	int accepted = connected ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;

	if (fd >= 0)
		close(fd);
	if (accepted >= 0)
		close(accepted);
	return accepted >= 0 && alone ? 0 : -1;
}

static int try_it(void)
{
	struct sockaddr_in address;
	int listener, result = -1;

	if (set_up_loopback() || make_nat())
		return -1;
	listener = listen_anywhere(&address);
	if (listener >= 0 && !leave_time_wait(listener, &address)) {
		result = 0;
		for (int i = 0; i < ATTEMPTS && !result; i++)
			result = try_connection(&address);
	}
	if (listener >= 0)
		close(listener);
	return result;
}

int nat_trial(void)
{
	return own_namespace_try(try_it);
}
