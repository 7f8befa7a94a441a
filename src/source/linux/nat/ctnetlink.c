#include "source/linux/nat/ctnetlink.h"

#include "source/linux/nat/netfilter.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <string.h>

/*
 * The kernel is asked for no more than is wanted, by attributes that older kernels do not know and
 * pass over: CTA_STATUS_MASK (Linux 5.18) and CTA_FILTER (5.8). So every entry is looked at again.
 */

/* Linux net/netfilter/nf_internals.h: the bit of CTA_IP_SRC in CTA_FILTER_ORIG_FLAGS. */
enum { FILTER_BY_SOURCE = 1 << 0 };

/* ---- one message ---- */

struct tuple {
	struct address source, destination;
	uint16_t source_port, destination_port, zone;
	uint8_t protocol;
	bool ports_known;
};

static bool read_be16(const struct nlattr *attribute, uint16_t *number)
{
	if (mnl_attr_get_payload_len(attribute) < sizeof *number)
		return false;
	memcpy(number, mnl_attr_get_payload(attribute), sizeof *number);
	*number = ntohs(*number);
	return true;
}

static bool read_be32(const struct nlattr *attribute, uint32_t *number)
{
	if (mnl_attr_get_payload_len(attribute) < sizeof *number)
		return false;
	memcpy(number, mnl_attr_get_payload(attribute), sizeof *number);
	*number = ntohl(*number);
	return true;
}

static void read_addresses(const struct nlattr *nest, struct tuple *tuple)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nest) {
		const size_t size = mnl_attr_get_payload_len(attribute);
		const void *bytes = mnl_attr_get_payload(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case CTA_IP_V4_SRC:
			if (size >= 4)
				tuple->source = address_ipv4(bytes);
			break;
		case CTA_IP_V4_DST:
			if (size >= 4)
				tuple->destination = address_ipv4(bytes);
			break;
		case CTA_IP_V6_SRC:
			if (size >= 16)
				tuple->source = address_ipv6(bytes);
			break;
		case CTA_IP_V6_DST:
			if (size >= 16)
				tuple->destination = address_ipv6(bytes);
			break;
		}
	}
}

static void read_ports(const struct nlattr *nest, struct tuple *tuple)
{
	bool source = false, destination = false;
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nest)
		switch (mnl_attr_get_type(attribute)) {
		case CTA_PROTO_NUM:
			if (mnl_attr_get_payload_len(attribute) >= 1)
				tuple->protocol = mnl_attr_get_u8(attribute);
			break;
		case CTA_PROTO_SRC_PORT:
			source = read_be16(attribute, &tuple->source_port);
			break;
		case CTA_PROTO_DST_PORT:
			destination = read_be16(attribute, &tuple->destination_port);
			break;
		}
	tuple->ports_known = source && destination;
}

static void read_tuple(const struct nlattr *nest, struct tuple *tuple)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nest)
		switch (mnl_attr_get_type(attribute)) {
		case CTA_TUPLE_IP:
			read_addresses(attribute, tuple);
			break;
		case CTA_TUPLE_PROTO:
			read_ports(attribute, tuple);
			break;
		case CTA_TUPLE_ZONE:
			read_be16(attribute, &tuple->zone);
			break;
		}
}

/* The kernel's number of a TCP state, 0 where it is not told. */
static unsigned read_tcp_state(const struct nlattr *nest)
{
	const struct nlattr *attribute, *inner;

	mnl_attr_for_each_nested(attribute, nest) {
		if (mnl_attr_get_type(attribute) != CTA_PROTOINFO_TCP)
			continue;
		mnl_attr_for_each_nested(inner, attribute)
			if (mnl_attr_get_type(inner) == CTA_PROTOINFO_TCP_STATE &&
			    mnl_attr_get_payload_len(inner) >= 1)
				return mnl_attr_get_u8(inner);
	}
	return 0;
}

/* Linux include/uapi/linux/netfilter/nf_conntrack_tcp.h, enum tcp_conntrack; 9 is a SYN that was
 * answered by a SYN. */
static enum nat_state state_of(unsigned tcp_state, uint32_t status)
{
	static const enum nat_state states[] = {
		[1] = NAT_SYN_SENT,  [2] = NAT_SYN_RECV,   [3] = NAT_ESTABLISHED,
		[4] = NAT_FIN_WAIT,  [5] = NAT_CLOSE_WAIT, [6] = NAT_LAST_ACK,
		[7] = NAT_TIME_WAIT, [8] = NAT_CLOSE,	   [9] = NAT_SYN_SENT,
	};

	if (tcp_state && tcp_state < sizeof states / sizeof states[0])
		return states[tcp_state];
	return status & IPS_SEEN_REPLY ? NAT_REPLIED : NAT_UNREPLIED;
}

static bool is_whole(const struct tuple *tuple)
{
	return tuple->source.family && tuple->source.family == tuple->destination.family &&
	       tuple->ports_known &&
	       (tuple->protocol == IPPROTO_TCP || tuple->protocol == IPPROTO_UDP);
}

/* Answers come from where the connection goes to and to the address it leaves with. */
bool ctnetlink_parse(const struct nlmsghdr *header, struct nat_flow *flow)
{
	struct tuple made = { 0 }, answer = { 0 };
	const struct nlattr *attribute;
	uint32_t status = 0;
	unsigned tcp_state = 0;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(struct nfgenmsg))
		return false;
	mnl_attr_for_each(attribute, header, sizeof(struct nfgenmsg))
		switch (mnl_attr_get_type(attribute)) {
		case CTA_TUPLE_ORIG:
			read_tuple(attribute, &made);
			break;
		case CTA_TUPLE_REPLY:
			read_tuple(attribute, &answer);
			break;
		case CTA_ZONE:
			read_be16(attribute, &answer.zone);
			break;
		case CTA_STATUS:
			read_be32(attribute, &status);
			break;
		case CTA_PROTOINFO:
			tcp_state = read_tcp_state(attribute);
			break;
		}
	if (!is_whole(&made) || !is_whole(&answer) || made.protocol != answer.protocol)
		return false;
	*flow = (struct nat_flow){
		.protocol = made.protocol == IPPROTO_TCP ? PROTOCOL_TCP : PROTOCOL_UDP,
		.state = state_of(tcp_state, status),
		.zone = answer.zone,
		.from = made.source,
		.from_port = made.source_port,
		.asked = made.destination,
		.asked_port = made.destination_port,
		.address = answer.destination,
		.port = answer.destination_port,
		.destination = answer.source,
		.destination_port = answer.source_port,
	};
	return true;
}

/* ---- dumps ---- */

struct reader {
	ctnetlink_callback callback;
	void *context;
	bool changed;		    /* those are wanted, or the others */
	const struct address *from; /* NULL: any */
};

static int take_message(const struct nlmsghdr *header, void *context)
{
	const struct reader *reader = context;
	struct nat_flow flow;

	if (ctnetlink_parse(header, &flow) && nat_flow_is_changed(&flow) == reader->changed &&
	    (!reader->from || address_equal(reader->from, &flow.from)))
		reader->callback(reader->context, &flow);
	return MNL_CB_OK;
}

int ctnetlink_read_changed(ctnetlink_callback callback, void *context)
{
	char buffer[NETFILTER_REQUEST_SIZE];
	struct nlmsghdr *request =
		netfilter_request(buffer, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET, AF_UNSPEC);
	struct reader reader = { .callback = callback, .context = context, .changed = true };

	mnl_attr_put_u32(request, CTA_STATUS, htonl(IPS_SRC_NAT));
	mnl_attr_put_u32(request, CTA_STATUS_MASK, htonl(IPS_SRC_NAT));
	return netfilter_dump(request, take_message, &reader);
}

static void put_filter(struct nlmsghdr *request, const struct address *from)
{
	const bool six = from->family == FAMILY_IPV6;
	struct nlattr *tuple, *part;

	tuple = mnl_attr_nest_start(request, CTA_TUPLE_ORIG);
	part = mnl_attr_nest_start(request, CTA_TUPLE_IP);
	mnl_attr_put(request, six ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, six ? 16 : 4, from->bytes);
	mnl_attr_nest_end(request, part);
	mnl_attr_nest_end(request, tuple);
	part = mnl_attr_nest_start(request, CTA_FILTER);
	mnl_attr_put_u32(request, CTA_FILTER_ORIG_FLAGS, FILTER_BY_SOURCE);
	mnl_attr_nest_end(request, part);
}

int ctnetlink_read_unchanged(const struct address *from, ctnetlink_callback callback,
			     void *context)
{
	const uint8_t family = !from			   ? AF_UNSPEC :
			       from->family == FAMILY_IPV6 ? AF_INET6 :
							     AF_INET;
	char buffer[NETFILTER_REQUEST_SIZE];
	struct nlmsghdr *request =
		netfilter_request(buffer, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET, family);
	struct reader reader = { .callback = callback, .context = context, .from = from };

	if (from)
		put_filter(request, from);
	return netfilter_dump(request, take_message, &reader);
}
