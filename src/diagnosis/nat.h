#pragma once

#include "diagnosis/diagnosis.h"

/*
 * The model of source NAT: how many further connections would get a port of the NAT address.
 *
 * A rule with a range takes ports of it. One without keeps the port that the connection was made
 * with while it is free, and else takes one of the same class: 1-511, 600-1023 or 1024-65535. Of a
 * large range it tries no more than 240 ports for one packet, so packets are lost before the last
 * port is used. Linux net/netfilter/nf_nat_core.c, get_unique_tuple() and
 * nf_nat_l4proto_unique_tuple(). Every rule was checked against real connections: tests/live/.
 */

/* Fills diagnosis->nats. */
void nat_collect(struct diagnosis *diagnosis);

/* How bad it is; unknown where the room is an interval that spans a threshold. SEVERITY_OK where
 * nothing is known: that is a gap. */
enum severity nat_severity(const struct diagnosis *diagnosis, const struct nat_use *use);

/* The chance that the first packet of a connection finds none of the ports of the range that are
 * left, when it does not keep its own. */
double nat_miss(const struct nat_tuple *tuple, struct port_range range);

/* What a tuple has in a range, and what NAT takes without one for connections of ordinary ports. */
struct capacity nat_room(const struct nat *nat, const struct nat_tuple *tuple,
			 struct port_range range);
extern const struct port_range nat_ordinary_ports;

/* ---- parts of it ---- */

/* A range from which a tuple's ports may have been taken. */
struct nat_candidate {
	struct port_range range;
	const struct nat_rule *rule; /* NULL: none names it, it is a class */
};

/* Ranges of all rules that can have made the tuple's connections, each once, and `others`: whether
 * there may be rules whose range is not known. */
enum { NAT_CANDIDATES_MOST = 16 };

struct nat_candidates {
	struct nat_candidate list[NAT_CANDIDATES_MOST];
	size_t count;
	bool others;
};

/* Sources are those of the tuple, as indexes into nat.sources. */
struct nat_candidates nat_candidates_of(const struct snapshot *snapshot,
					const struct nat_tuple *tuple, const uint32_t *sources,
					size_t source_count);

/* nat_owners.c: who made the tuples' connections. One list per tuple; the text and lists live in the
 * diagnosis's arena. */
struct nat_owners {
	const struct share *shares;
	size_t count;
};

struct nat_owners *nat_find_owners(struct diagnosis *diagnosis);
