#include "namespace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "give_up.h"

enum { AWAIT_MS = 20000, LOOK_EVERY_MS = 10 };

void namespace_enter(uint16_t first, uint16_t last)
{
	char range[32];

	if (unshare(CLONE_NEWNET) < 0)
		give_up("a network namespace of its own needs root: %s", strerror(errno));
	namespace_set_up("lo");
	snprintf(range, sizeof range, "%u %u", first, last);
	namespace_sysctl("ip_local_port_range", range);
	namespace_sysctl("tcp_tw_reuse", "0");
}

uint64_t namespace_inode(void)
{
	struct stat status;

	if (stat("/proc/self/ns/net", &status) < 0)
		give_up("/proc/self/ns/net: %s", strerror(errno));
	return status.st_ino;
}

static void sysctl_path(char *path, size_t size, const char *name)
{
	snprintf(path, size, "/proc/sys/net/ipv4/%s", name);
}

int namespace_has_sysctl(const char *name)
{
	char path[128];

	sysctl_path(path, sizeof path, name);
	return access(path, F_OK) == 0;
}

void namespace_sysctl(const char *name, const char *value)
{
	char path[128];
	ssize_t written;
	int fd;

	sysctl_path(path, sizeof path, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	written = fd < 0 ? -1 : write(fd, value, strlen(value));
	if (written != (ssize_t)strlen(value))
		give_up("%s: %s", path, strerror(errno));
	close(fd);
}

void namespace_set_up(const char *device)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_flags = 0 };

	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		give_up("%s: %s", device, strerror(errno));
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		give_up("%s could not be set up: %s", device, strerror(errno));
	close(fd);
}

static struct nlmsghdr *start_request(void *buffer, uint16_t type)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
	return header;
}

/* One request, one acknowledgement. */
static void send_request(const struct nlmsghdr *header, const char *what)
{
	struct mnl_socket *netlink = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char answer[8192];
	ssize_t size = -1;

	if (netlink && mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_sendto(netlink, header, header->nlmsg_len) >= 0)
		size = mnl_socket_recvfrom(netlink, answer, sizeof answer);
	if (size < 0 || mnl_cb_run(answer, (size_t)size, 0, mnl_socket_get_portid(netlink),
				   NULL, NULL) < 0)
		give_up("%s: %s", what, strerror(errno));
	mnl_socket_close(netlink);
}

static unsigned index_of(const char *device)
{
	const unsigned number = if_nametoindex(device);

	if (number == 0)
		give_up("no device %s", device);
	return number;
}

static void put_address(struct nlmsghdr *header, uint16_t type, const char *text)
{
	const int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	struct in6_addr bytes;

	if (inet_pton(family, text, &bytes) != 1)
		give_up("%s is no address", text);
	mnl_attr_put(header, type, family == AF_INET6 ? 16 : 4, &bytes);
}

void namespace_add_address(const char *device, const char *address, unsigned prefix)
{
	char buffer[512];
	struct nlmsghdr *header = start_request(buffer, RTM_NEWADDR);
	struct ifaddrmsg *body = mnl_nlmsg_put_extra_header(header, sizeof *body);

	body->ifa_family = strchr(address, ':') ? AF_INET6 : AF_INET;
	body->ifa_prefixlen = (unsigned char)prefix;
	body->ifa_index = index_of(device);
	/* Without duplicate address detection an IPv6 address can be used at once. */
	body->ifa_flags = IFA_F_NODAD;
	put_address(header, IFA_LOCAL, address);
	put_address(header, IFA_ADDRESS, address);
	send_request(header, address);
}

void namespace_add_veth(const char *near, const char *far, pid_t peer_pid)
{
	char buffer[1024];
	struct nlmsghdr *header = start_request(buffer, RTM_NEWLINK);
	struct nlattr *info, *data, *peer;

	mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(header, IFLA_IFNAME, near);
	info = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_str(header, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(header, IFLA_IFNAME, far);
	if (peer_pid != 0)
		mnl_attr_put_u32(header, IFLA_NET_NS_PID, (uint32_t)peer_pid);
	mnl_attr_nest_end(header, peer);
	mnl_attr_nest_end(header, data);
	mnl_attr_nest_end(header, info);
	send_request(header, "a pair of veth devices");
	namespace_set_up(near);
	if (peer_pid == 0)
		namespace_set_up(far);
}

void namespace_add_silent_neighbour(const char *device, const char *address)
{
	static const unsigned char nobody[6] = { 2, 0, 0, 0, 0, 1 };
	char buffer[512];
	struct nlmsghdr *header = start_request(buffer, RTM_NEWNEIGH);
	struct ndmsg *body = mnl_nlmsg_put_extra_header(header, sizeof *body);

	body->ndm_family = AF_INET;
	body->ndm_ifindex = (int)index_of(device);
	body->ndm_state = NUD_PERMANENT;
	put_address(header, NDA_DST, address);
	mnl_attr_put(header, NDA_LLADDR, sizeof nobody, nobody);
	send_request(header, address);
}

static unsigned count_in(const char *path, unsigned state)
{
	FILE *table = fopen(path, "re");
	char line[512];
	unsigned count = 0, seen;

	if (!table)
		return 0; /* no IPv6 here */
	while (fgets(line, sizeof line, table)) {
		if (sscanf(line, " %*u: %*[0-9A-F]:%*x %*[0-9A-F]:%*x %x", &seen) == 1)
			count += seen == state;
	}
	fclose(table);
	return count;
}

unsigned namespace_count_state(unsigned state)
{
	return count_in("/proc/self/net/tcp", state) + count_in("/proc/self/net/tcp6", state);
}

void namespace_await_state(unsigned state, unsigned wanted)
{
	const struct timespec pause = { .tv_nsec = LOOK_EVERY_MS * 1000000L };
	unsigned count = 0;

	for (unsigned waited = 0; waited < AWAIT_MS; waited += LOOK_EVERY_MS) {
		count = namespace_count_state(state);
		if (count == wanted)
			return;
		nanosleep(&pause, NULL);
	}
	give_up("%u sockets in state %u, not %u", count, state, wanted);
}
