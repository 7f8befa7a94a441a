#pragma once

#include "base/index.h"
#include "snapshot/port_range.h"
#include "snapshot/port_set.h"
#include "snapshot/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Source NAT on this host: connections that leave it with another source address or port than they
 * were made with. Towards one destination address and port each needs a port of its own on the NAT
 * address, whoever made it, so what runs out is counted by tuple: (NAT address, protocol,
 * destination address, destination port). The entry of connection tracking holds the port, not a
 * socket. Linux net/netfilter/nf_nat_core.c, get_unique_tuple().
 */

/* Linux include/uapi/linux/netfilter/nf_conntrack_tcp.h; UDP and what tells no state: by whether an
 * answer was seen. */
enum nat_state {
	NAT_SYN_SENT,
	NAT_SYN_RECV,
	NAT_ESTABLISHED,
	NAT_FIN_WAIT,
	NAT_CLOSE_WAIT,
	NAT_LAST_ACK,
	NAT_TIME_WAIT,
	NAT_CLOSE, /* reset */
	NAT_UNREPLIED,
	NAT_REPLIED,
	NAT_STATE_COUNT
};

const char *nat_state_name(enum nat_state state); /* "time_wait", as in JSON */

/* One connection as connection tracking has it. */
struct nat_flow {
	enum protocol protocol;
	enum nat_state state;
	uint16_t zone; /* of its answers: what is equal in two zones does not clash */
	struct address from, asked; /* as it was made: who, and whom it wants */
	uint16_t from_port, asked_port;
	struct address address, destination; /* as it leaves: NAT address, and where it goes */
	uint16_t port, destination_port;
};

/* Whether its source is another than it was made with. */
bool nat_flow_is_changed(const struct nat_flow *flow);

struct nat_tuple_key {
	uint32_t netns; /* index into snapshot.namespaces */
	uint16_t zone, port;
	uint8_t protocol;
	uint8_t spare; /* keys are compared as bytes: no padding */
	struct address address, destination;
};

struct nat_tuple {
	struct nat_tuple_key key;
	/* Ports of the NAT address in use; of these, what this host itself made from that address;
	 * of these, TCP whose connection is over. */
	struct port_set ports, own, resting;
	uint32_t states[NAT_STATE_COUNT]; /* ports by the state of their entry */
	uint32_t sources;		  /* how many of nat.sources are of it */
	uint32_t others;		  /* ports of sources beyond NAT_SOURCES_MOST */
};

/* Who made connections of a tuple, by address. Of one tuple so many at most are kept; entries come in
 * no order, so whoever makes a notable part of them is among the first. */
enum { NAT_SOURCES_MOST = 256 };

struct nat_source_key {
	uint32_t tuple; /* index into nat.tuples */
	uint16_t asked_port;
	/* Whom it asked for is not the tuple's destination where that was changed, too. */
	struct address address, asked;
};

struct nat_source {
	struct nat_source_key key;
	struct port_set ports; /* its own, before NAT: as many as it has entries */
};

/* A condition on an address; FAMILY_NONE: there is none. */
struct nat_match {
	struct address address;
	uint8_t bits;
	bool except; /* all but these */
};

/*
 * A rule that changes sources. Of its conditions those are here that speak of the tuple; it may have
 * others, and may stand where nothing comes to it: it is one that can have made a tuple's ports.
 */
struct nat_rule {
	uint32_t netns;
	uint8_t family; /* enum family; FAMILY_NONE: both */
	bool tcp, udp;	/* which it is for */
	struct nat_match source, destination;
	uint16_t port;		    /* of the destination; 0: any */
	struct address first, last; /* NAT addresses; FAMILY_NONE: any */
	struct port_range ports;    /* not known: it names none */
	bool ports_unread;	    /* it names some, but not in a way that could be read */
	/* Where it is, as `nft list chain` takes it: "ip nat post"; NULL: not in nftables. */
	const char *chain;
};

/* Whether this kernel gives the port of a TCP connection that is over, which is still in the table, to
 * a new one when it finds no other. */
enum nat_takeover { NAT_TAKEOVER_UNKNOWN, NAT_TAKEOVER_NO, NAT_TAKEOVER_YES };

struct nat {
	struct nat_tuple *tuples;
	size_t tuple_count, tuple_capacity;
	struct nat_source *sources;
	size_t source_count, source_capacity;
	struct nat_rule *rules;
	size_t rule_count, rule_capacity;
	struct index tuple_index, source_index;
	enum nat_takeover takeover;
};

/* Adds one whose source is changed to its tuple, which is made when first met. One that leaves as it
 * was made takes a port from a tuple, too, but only from one that is there. */
void nat_add_flow(struct nat *nat, uint32_t netns, const struct nat_flow *flow);

/* Upside down is as good as upright to the kernel (net/netfilter/nf_nat_core.c,
 * nf_nat_l4proto_unique_tuple()); a range from 0 cannot be kept here and counts as not read. */
void nat_rule_set_ports(struct nat_rule *rule, uint16_t a, uint16_t b);

void nat_add_rule(struct nat *nat, const struct nat_rule *rule);
void nat_free(struct nat *nat);
