#pragma once

#include "source/artefact/windows/told.h"

/* Whole machines of Linux, from what their files tell: joined. */
struct listed {
	struct told told;
	const struct netns *netns; /* the only one */
};

void listed_of(struct listed *listed, const char *text);
void listed_of_two(struct listed *listed, const char *one, const char *other);
void listed_of_fixture(struct listed *listed,
		       const char *name); /* of fixtures/evidence/linux */
void listed_end(struct listed *listed);

/* How many sockets there are in that state; of a protocol. */
unsigned listed_count(const struct listed *listed, enum protocol protocol,
		      enum socket_state state);
unsigned listed_all(const struct listed *listed, enum protocol protocol);

/* The holding that has this local port; NULL: none has. */
const struct holding *listed_port(const struct listed *listed, enum protocol protocol,
				  uint16_t port);

/* Whose it is; "": nobody is named. */
const char *listed_owner(const struct listed *listed, const struct holding *holding);

bool listed_has_gap(const struct listed *listed, const char *what);
