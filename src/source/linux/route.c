#include "source/linux/route.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

enum { RECEIVE_SIZE = 32 * 1024 };

static int exchange(struct nlmsghdr *request, mnl_cb_t callback, void *data,
		    struct error *error)
{
	struct mnl_socket *netlink = mnl_socket_open(NETLINK_ROUTE);
	char *buffer;
	ssize_t length;
	int result = -1;

	if (!netlink)
		return error_set(error, "rtnetlink: cannot open a netlink socket: %s",
				 strerror(errno));
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
	if (result < 0)
		error_set(error, "rtnetlink: %s", strerror(errno));
	free(buffer);
	mnl_socket_close(netlink);
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

static int note_source(const struct nlmsghdr *header, void *data)
{
	const struct rtmsg *message = mnl_nlmsg_get_payload(header);
	struct source_route *route = data;
	const struct nlattr *attribute;

	if (message->rtm_type == RTN_UNREACHABLE || message->rtm_type == RTN_BLACKHOLE ||
	    message->rtm_type == RTN_PROHIBIT || message->rtm_type == RTN_THROW)
		return MNL_CB_STOP;
	mnl_attr_for_each(attribute, header, sizeof *message)
		if (mnl_attr_get_type(attribute) == RTA_PREFSRC)
			read_address(attribute, message->rtm_family, &route->source);
	return MNL_CB_STOP;
}

int route_source(struct source_route *route, struct error *error)
{
	char buffer[256] = { 0 };
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct rtmsg *message = mnl_nlmsg_put_extra_header(header, sizeof *message);
	bool six = route->destination.family == FAMILY_IPV6;

	header->nlmsg_type = RTM_GETROUTE;
	header->nlmsg_flags = NLM_F_REQUEST;
	message->rtm_family = six ? AF_INET6 : AF_INET;
	message->rtm_dst_len = six ? 128 : 32;
	mnl_attr_put(header, RTA_DST, six ? 16 : 4, route->destination.bytes);
	return exchange(header, note_source, route, error);
}
