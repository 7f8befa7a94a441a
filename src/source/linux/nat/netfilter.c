#include "source/linux/nat/netfilter.h"

#include "base/arena.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>

/* A dump's messages are at most this large (Linux net/netlink/af_netlink.c, netlink_recvmsg()). */
enum { RECEIVE_SIZE = 32 * 1024 };

struct nlmsghdr *netfilter_request(void *buffer, uint8_t subsystem, uint8_t message,
				   uint8_t family)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *body = mnl_nlmsg_put_extra_header(header, sizeof *body);

	header->nlmsg_type = (uint16_t)(subsystem << 8 | message);
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = 1;
	body->nfgen_family = family;
	body->version = NFNETLINK_V0;
	return header;
}

static int receive(struct mnl_socket *netlink, uint32_t sequence, mnl_cb_t callback,
		   void *context)
{
	char *buffer = memory_resize(NULL, RECEIVE_SIZE, 1);
	ssize_t length;
	int result, failed;

	do {
		length = mnl_socket_recvfrom(netlink, buffer, RECEIVE_SIZE);
		result = length < 0 ?
				 -1 :
				 mnl_cb_run(buffer, (size_t)length, sequence,
					    mnl_socket_get_portid(netlink), callback, context);
	} while (result > 0);
	failed = errno;
	free(buffer);
	errno = failed;
	return result;
}

int netfilter_dump(struct nlmsghdr *request, mnl_cb_t callback, void *context)
{
	struct mnl_socket *netlink = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int result = -1, failed;

	if (!netlink)
		return -1;
	if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) >= 0 &&
	    mnl_socket_sendto(netlink, request, request->nlmsg_len) >= 0)
		result = receive(netlink, request->nlmsg_seq, callback, context);
	failed = errno;
	mnl_socket_close(netlink);
	errno = failed;
	return result;
}
