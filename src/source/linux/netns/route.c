#include "source/linux/netns/route.h"

#include "base/language.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { RECEIVE_SIZE = 32 * 1024 };

/* On failure errno is the kernel's answer. */
static int exchange(struct nlmsghdr *request, mnl_cb_t callback, void *data,
		    struct error *error)
{
	struct mnl_socket *netlink = mnl_socket_open(NETLINK_ROUTE);
	char *buffer;
	ssize_t length;
	int result = -1, number;

	if (!netlink)
		return error_set(error, _("rtnetlink: cannot open a netlink socket: %s"),
				 language_errno(errno));
	buffer = memory_resize(NULL, RECEIVE_SIZE, 1);
	request->nlmsg_seq = 1;
	if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(netlink, request, request->nlmsg_len) < 0)
		goto out;
	do {
		length = mnl_socket_recvfrom(netlink, buffer, RECEIVE_SIZE);
		result = length < 0 ?
				 -1 :
				 mnl_cb_run(buffer, (size_t)length, 1,
					    mnl_socket_get_portid(netlink), callback, data);
	} while (result > 0);
out:
	number = errno;
	if (result < 0)
		error_set(error, _("rtnetlink: %s"), language_errno(number));
	free(buffer);
	mnl_socket_close(netlink);
	errno = number;
	return result < 0 ? -1 : 0;
}

static bool read_address(const struct nlattr *attribute, unsigned char family,
			 struct address *address)
{
	size_t size = mnl_attr_get_payload_len(attribute);

	if (family == AF_INET && size == 4)
		*address = address_ipv4(mnl_attr_get_payload(attribute));
	else if (family == AF_INET6 && size == 16)
		*address = address_ipv6(mnl_attr_get_payload(attribute));
	else
		return false;
	return true;
}

struct address_list {
	struct address *addresses;
	size_t count, capacity;
};

/* IFA_LOCAL is the host's own on point-to-point links, where IFA_ADDRESS is the peer's. */
static int note_address(const struct nlmsghdr *header, void *data)
{
	const struct ifaddrmsg *message = mnl_nlmsg_get_payload(header);
	struct address_list *list = data;
	struct address address = { 0 };
	bool local = false;
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, header, sizeof *message) {
		unsigned type = mnl_attr_get_type(attribute);

		if (type == IFA_LOCAL || (type == IFA_ADDRESS && !local))
			read_address(attribute, message->ifa_family, &address);
		local = local || type == IFA_LOCAL;
	}
	if (address.family) {
		array_reserve(list->addresses, list->count, list->capacity);
		list->addresses[list->count++] = address;
	}
	return MNL_CB_OK;
}

int route_local_addresses(struct arena *arena, struct address **addresses, size_t *count,
			  struct error *error)
{
	char buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct ifaddrmsg))] = { 0 };
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct address_list list = { 0 };
	int result;

	mnl_nlmsg_put_extra_header(header, sizeof(struct ifaddrmsg));
	header->nlmsg_type = RTM_GETADDR;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	result = exchange(header, note_address, &list, error);
	if (!result) {
		*addresses = arena_alloc(arena, list.count * sizeof *list.addresses);
		for (size_t i = 0; i < list.count; i++)
			(*addresses)[i] = list.addresses[i];
		*count = list.count;
	}
	free(list.addresses);
	return result;
}

struct answer {
	struct address source;
	unsigned type; /* RTN_LOCAL, RTN_UNICAST, ... */
	bool several;  /* more than one next hop: the choice differs from call to call */
};

static int note_answer(const struct nlmsghdr *header, void *data)
{
	const struct rtmsg *message = mnl_nlmsg_get_payload(header);
	struct answer *answer = data;
	const struct nlattr *attribute;

	answer->type = message->rtm_type;
	mnl_attr_for_each(attribute, header, sizeof *message) {
		if (mnl_attr_get_type(attribute) == RTA_PREFSRC)
			read_address(attribute, message->rtm_family, &answer->source);
		if (mnl_attr_get_type(attribute) == RTA_MULTIPATH)
			answer->several = true;
	}
	return MNL_CB_STOP;
}

/* `flags`: RTM_F_FIB_MATCH asks for the route as it is written, instead of one choice from it.
 * Protocol and port are part of the question, because policy routing may look at them. */
static int ask(const struct source_route *route, const struct address *target, unsigned flags,
	       struct answer *answer, struct error *error)
{
	char buffer[256] = { 0 };
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct rtmsg *message = mnl_nlmsg_put_extra_header(header, sizeof *message);
	bool six = target->family == FAMILY_IPV6;

	header->nlmsg_type = RTM_GETROUTE;
	header->nlmsg_flags = NLM_F_REQUEST;
	message->rtm_family = six ? AF_INET6 : AF_INET;
	message->rtm_dst_len = six ? 128 : 32;
	message->rtm_flags = flags;
	mnl_attr_put(header, RTA_DST, six ? 16 : 4, target->bytes);
	mnl_attr_put_u8(header, RTA_IP_PROTO,
			route->protocol == PROTOCOL_UDP ? IPPROTO_UDP : IPPROTO_TCP);
	if (route->port)
		mnl_attr_put_u16(header, RTA_DPORT, htons(route->port));
	if (route->device_index)
		mnl_attr_put_u32(header, RTA_OIF, route->device_index);
	return exchange(header, note_answer, answer, error);
}

static const char *judge_type(const struct source_route *route, unsigned type)
{
	switch (type) {
	case RTN_UNREACHABLE:
	case RTN_BLACKHOLE:
	case RTN_PROHIBIT:
	case RTN_THROW:
		return _("routing refuses the destination");
	case RTN_BROADCAST:
	case RTN_MULTICAST:
		return route->protocol == PROTOCOL_TCP ?
			       _("TCP does not connect to a broadcast or multicast address") :
			       NULL;
	default:
		return NULL;
	}
}

/* bind() takes only what routing calls local (Linux net/ipv4/af_inet.c, __inet_bind()). */
static void check_own(struct source_route *route, bool nonlocal_allowed)
{
	struct source_route anywhere = { .protocol = route->protocol };
	struct answer answer = { 0 };
	struct error no_route;

	if (!route->own.family || address_is_any(&route->own) || nonlocal_allowed)
		return;
	/* No route to the address: it is not ours either. */
	if (ask(&anywhere, &route->own, 0, &answer, &no_route) ||
	    (answer.type != RTN_LOCAL && answer.type != RTN_BROADCAST &&
	     answer.type != RTN_MULTICAST))
		route->own_is_foreign = true;
	if (route->own_is_foreign)
		route->why = _("this is no address of this host, so bind() to it fails");
}

/* Without one, IPv6 finds no source before it minds the route (Linux net/ipv6/ip6_output.c,
 * ip6_dst_lookup_tail()). */
static bool has_ipv6_address(void)
{
	struct arena arena = { 0 };
	struct address *addresses = NULL;
	struct error error;
	size_t count = 0;
	bool found = false;

	if (route_local_addresses(&arena, &addresses, &count, &error))
		found = true; /* not known */
	for (size_t i = 0; i < count; i++)
		found |= addresses[i].family == FAMILY_IPV6;
	arena_free(&arena);
	return found;
}

/* What connect() would say, by what routing said; NULL where that is no answer about a route. */
static const char *judge_refusal(const struct source_route *route, int number)
{
	static const struct {
		int number;
		const char *why;
	} refusals[] = {
		{ ENETUNREACH, N_("no route to the destination: connect() reports "
				  "ENETUNREACH; this is no lack of ports") },
		{ EHOSTUNREACH, N_("routing refuses the destination: connect() reports "
				   "EHOSTUNREACH; this is no lack of ports") },
		{ EACCES, N_("routing refuses the destination: connect() reports EACCES; "
			     "this is no lack of ports") },
		{ EINVAL, N_("routing refuses the destination: connect() reports EINVAL; "
			     "this is no lack of ports") },
	};

	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		if (number != refusals[i].number)
			continue;
		if (route->destination.family == FAMILY_IPV6 && !route->own.family &&
		    !has_ipv6_address())
			return _("no IPv6 address here (IPv6 is switched off, or lo is "
				 "down): connect() reports EADDRNOTAVAIL, but this is no "
				 "lack of ports");
		return _(refusals[i].why);
	}
	return NULL;
}

static int check_destination(struct source_route *route, struct error *error)
{
	struct answer answer = { 0 }, written = { 0 };

	if (ask(route, &route->destination, 0, &answer, error)) {
		route->why = judge_refusal(route, errno);
		return route->why ? 0 : -1;
	}
	route->source = answer.source;
	route->why = judge_type(route, answer.type);
	if (!route->why && !route->source.family)
		route->why = _("no route to the destination");
	if (!route->why && !route->own.family &&
	    !ask(route, &route->destination, RTM_F_FIB_MATCH, &written, error) &&
	    written.several)
		route->why =
			_("several routes lead there and the source address may differ from "
			  "call to call; name it with --src");
	return 0;
}

int route_ask(struct source_route *route, bool nonlocal_allowed, struct error *error)
{
	if (route->device) {
		route->device_index = if_nametoindex(route->device);
		if (!route->device_index) {
			route->why = _("there is no such network interface here");
			return 0;
		}
	}
	check_own(route, nonlocal_allowed);
	if (route->why || !route->destination.family)
		return 0;
	return check_destination(route, error);
}
