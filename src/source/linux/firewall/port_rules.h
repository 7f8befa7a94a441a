#pragma once

struct nlmsghdr;
struct reading;
struct snapshot;

#include <stdbool.h>
#include <stdint.h>

/*
 * Firewall rules that name a range of ports, for whoever changes the range of ephemeral ports: one that lets
 * the old range through does not let the new one. nftables, and iptables on it (iptables-nft). What is not
 * looked at is a gap: ports in sets, and tables of iptables-legacy.
 */

/* Those of the namespace this thread is in go into snapshot->port_rules, if they were asked for. What keeps from
 * reading them is a gap. */
void port_rules_read(struct reading *reading);

/* Of one message of a dump of rules. False: that rule also looks ports up in a set, which are not read. */
bool port_rules_take(struct snapshot *snapshot, uint32_t netns, const struct nlmsghdr *header);
