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
