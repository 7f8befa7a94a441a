#pragma once

#include "source/artefact/dossier.h"

/*
 * One row of ss: [Netid] [State] [Recv-Q Send-Q] Local Peer [users:(...) timer:(...) uid:.. ino:.. sk:..]. ss leaves the
 * column Netid out where only one kind of socket was asked for, and State where only one state was (iproute2 misc/ss.c,
 * main(): show_header, COL_NETID, COL_STATE).
 */
enum ss_kind {
	SS_ROW,	    /* of TCP or UDP */
	SS_UNREAD,  /* of these, but with names for numbers, or cut */
	SS_FOREIGN, /* of another kind: unix, netlink */
	SS_NO_ROW
};

/* What a row leaves open until the listing is whole: marks of struct dossier_socket. */
enum {
	SS_ANY_PROTOCOL = 1,
	SS_ANY_STATE = 2,
	SS_STAR = 4,	/* "*:22": of IPv4 in old versions, of both families in later ones */
	SS_QUEUE = 8,	/* Send-Q is not 0 */
	SS_COLONS = 16, /* ":::22", as old versions write it */
};

struct ss_row {
	struct dossier_socket socket;
	bool has_netid, has_state;
	struct span rest; /* behind the peer */
};

enum ss_kind ss_row_read(const struct line *line, struct ss_row *row);

/* What stands behind the peer, or on a line of its own below: who has it, its timer, its numbers. */
void ss_row_attributes(struct dossier *dossier, struct span rest,
		       struct dossier_socket *socket);
