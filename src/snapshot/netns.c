#include "snapshot/netns.h"

const char *netns_kind_name(enum netns_kind kind)
{
	static const char *const names[] = {
		[NETNS_OWN] = "own",	     [NETNS_HOST] = "host",
		[NETNS_NAMED] = "named",     [NETNS_CONTAINER] = "container",
		[NETNS_PROCESS] = "process",
	};

	return names[kind];
}

bool netns_has_address(const struct netns *netns, const struct address *address)
{
	if (address_is_loopback(address))
		return true;
	for (size_t i = 0; i < netns->local_address_count; i++)
		if (address_equal(&netns->local_addresses[i], address))
			return true;
	return false;
}

struct netns netns_unread(void)
{
	return (struct netns){
		.settings = {
			.tw_reuse = -1,
			.tw_reuse_delay_ms = -1,
			.timestamps = -1,
			.max_tw_buckets = -1,
			.autobind_reuse = -1,
			.unprivileged_start = -1,
			.bindv6only = -1,
			.fin_timeout_s = -1,
			.syn_retries = -1,
			.syn_linear_timeouts = -1,
			.fastopen = -1,
		},
		.counters = { -1, -1, -1, -1, -1, -1 },
		.conntrack = { -1, -1, -1, -1, -1, -1 },
		.unseen_most = -1,
	};
}
