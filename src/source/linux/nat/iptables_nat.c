#include "source/linux/nat/iptables_nat.h"

#include "base/arena.h"
#include "snapshot/nat.h"
#include "source/linux/nat/xt_nat.h"
#include "source/linux/proc_file.h"

#include <errno.h>
#include <netinet/in.h>
/* The kernel's own headers come after those of the C library. */
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A table is read by getsockopt(): first its size, then its entries, one after the other, each with
 * the conditions that all have, its matches, and its target (Linux net/ipv4/netfilter/ip_tables.c,
 * get_entries()). Matches are passed over: a rule may have conditions that are not known here.
 */

enum { LARGEST_LIST = 64 * 1024, TRIES = 3 };

static const struct table_kind {
	const char *names; /* file with the names of the tables that are there */
	bool six;
	int family, level, get_info, get_entries;
} kinds[] = {
	{ "net/ip_tables_names", false, AF_INET, IPPROTO_IP, IPT_SO_GET_INFO,
	  IPT_SO_GET_ENTRIES },
	{ "net/ip6_tables_names", true, AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO,
	  IP6T_SO_GET_ENTRIES },
};

/* The structures of both families have the same form. */
_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo) &&
		       offsetof(struct ipt_getinfo, size) ==
			       offsetof(struct ip6t_getinfo, size) &&
		       offsetof(struct ipt_get_entries, entrytable) ==
			       offsetof(struct ip6t_get_entries, entrytable),
	       "one structure serves both");

/* ---- entries ---- */

static struct nat_match match_of(bool six, const void *bytes, const void *mask, bool except)
{
	const int bits = address_mask_bits(mask, six ? 16 : 4);

	if (bits < 0 || (!bits && !except))
		return (struct nat_match){ 0 };
	return (struct nat_match){
		.address = six ? address_ipv6(bytes) : address_ipv4(bytes),
		.bits = (uint8_t)bits,
		.except = except,
	};
}

static void match_protocol(struct nat_rule *rule, unsigned protocol, bool except)
{
	rule->tcp = !protocol || (protocol == IPPROTO_TCP) != except;
	rule->udp = !protocol || (protocol == IPPROTO_UDP) != except;
}

struct entry {
	size_t target, next; /* where these begin, from the entry on */
	struct nat_rule rule;
};

static bool read_ipv4(const uint8_t *bytes, size_t size, struct entry *entry)
{
	struct ipt_entry ipt;

	if (size < sizeof ipt)
		return false;
	memcpy(&ipt, bytes, sizeof ipt);
	entry->target = ipt.target_offset;
	entry->next = ipt.next_offset;
	entry->rule = (struct nat_rule){
		.family = FAMILY_IPV4,
		.source = match_of(false, &ipt.ip.src, &ipt.ip.smsk,
				   ipt.ip.invflags & IPT_INV_SRCIP),
		.destination = match_of(false, &ipt.ip.dst, &ipt.ip.dmsk,
					ipt.ip.invflags & IPT_INV_DSTIP),
	};
	match_protocol(&entry->rule, ipt.ip.proto, ipt.ip.invflags & IPT_INV_PROTO);
	return true;
}

static bool read_ipv6(const uint8_t *bytes, size_t size, struct entry *entry)
{
	struct ip6t_entry ip6t;

	if (size < sizeof ip6t)
		return false;
	memcpy(&ip6t, bytes, sizeof ip6t);
	entry->target = ip6t.target_offset;
	entry->next = ip6t.next_offset;
	entry->rule = (struct nat_rule){
		.family = FAMILY_IPV6,
		.source = match_of(true, &ip6t.ipv6.src, &ip6t.ipv6.smsk,
				   ip6t.ipv6.invflags & IP6T_INV_SRCIP),
		.destination = match_of(true, &ip6t.ipv6.dst, &ip6t.ipv6.dmsk,
					ip6t.ipv6.invflags & IP6T_INV_DSTIP),
	};
	match_protocol(&entry->rule, ip6t.ipv6.flags & IP6T_F_PROTO ? ip6t.ipv6.proto : 0,
		       ip6t.ipv6.invflags & IP6T_INV_PROTO);
	return true;
}

/* False if it changes no sources, or is not whole. */
static bool read_target(const uint8_t *bytes, size_t size, struct nat_rule *rule)
{
	struct xt_entry_target target;

	if (size < sizeof target)
		return false;
	memcpy(&target, bytes, sizeof target);
	target.u.user.name[sizeof target.u.user.name - 1] = '\0';
	return xt_nat_read(target.u.user.name, target.u.user.revision,
			   rule->family == FAMILY_IPV6, bytes + sizeof target,
			   size - sizeof target, rule) &&
	       (rule->tcp || rule->udp);
}

void iptables_nat_parse(const void *table, size_t size, bool six,
			iptables_nat_callback callback, void *context)
{
	const uint8_t *bytes = table;
	struct entry entry;

	while (six ? read_ipv6(bytes, size, &entry) : read_ipv4(bytes, size, &entry)) {
		if (entry.target > entry.next || !entry.next || entry.next > size)
			return;
		if (read_target(bytes + entry.target, entry.next - entry.target, &entry.rule))
			callback(context, &entry.rule);
		bytes += entry.next;
		size -= entry.next;
	}
}

/* ---- tables ---- */

static const char nat_name[] = "nat";

static bool is_in_list(const char *names, const char *wanted)
{
	const size_t length = strlen(wanted);

	for (; *names; names += strcspn(names, "\n"), names += *names == '\n')
		if (strcspn(names, "\n") == length && !strncmp(names, wanted, length))
			return true;
	return false;
}

/* 1 if the table is there, 0 if not, -1 with errno set if that cannot be told. */
static int has_table(int proc, const struct table_kind *kind)
{
	size_t length;
	char *names = proc_file_read_all(proc, kind->names, LARGEST_LIST, &length);
	int found;

	if (!names)
		return errno == ENOENT ? 0 : -1;
	found = is_in_list(names, nat_name);
	free(names);
	return found;
}

/* EAGAIN: the table was changed between the two questions. */
static int ask_table(int fd, const struct table_kind *kind, iptables_nat_callback callback,
		     void *context)
{
	struct ipt_getinfo info = { 0 };
	socklen_t size = sizeof info;
	struct ipt_get_entries *entries;
	int result;

	strcpy(info.name, nat_name);
	if (getsockopt(fd, kind->level, kind->get_info, &info, &size) < 0)
		return -1;
	size = (socklen_t)(sizeof *entries + info.size);
	entries = memory_zeroed(1, size);
	strcpy(entries->name, nat_name);
	entries->size = info.size;
	result = getsockopt(fd, kind->level, kind->get_entries, entries, &size);
	if (!result)
		iptables_nat_parse(entries->entrytable, info.size, kind->six, callback,
				   context);
	free(entries);
	return result;
}

static int read_table(const struct table_kind *kind, iptables_nat_callback callback,
		      void *context)
{
	int fd = socket(kind->family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	int result = -1, failed;

	if (fd < 0)
		return -1;
	for (int tries = 0; tries < TRIES && result; tries++) {
		result = ask_table(fd, kind, callback, context);
		if (result && errno != EAGAIN)
			break;
	}
	failed = errno;
	close(fd);
	errno = failed;
	return result;
}

int iptables_nat_read(int proc, iptables_nat_callback callback, void *context)
{
	int result = 0, failed = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const int there = has_table(proc, &kinds[i]);

		if (there < 0 || (there && read_table(&kinds[i], callback, context))) {
			failed = errno;
			result = -1;
		}
	}
	errno = failed;
	return result;
}
