#pragma once

#include "base/error.h"
#include "snapshot/address.h"
#include "snapshot/port_range.h"
#include "snapshot/socket.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A place to run out of ports in: a network namespace of its own with a tiny range, in it a service, and a
 * program that connects to it. Nothing is mounted and the namespace has no name: it ends with this process,
 * however that ends, and so do the service and the program.
 */
extern const struct port_range
	lab_range; /* what the program's ports are taken from at first */
extern const struct address lab_program_address, lab_service_address;

enum { LAB_PORT = 5432, LAB_OTHER_PORT = 6379 }; /* the service listens on both */

/* How the program goes about what it opens. */
struct lab_habit {
	enum protocol protocol;
	bool binds;	      /* to its own address and port 0, before it connects */
	bool no_port;	      /* and with IP_BIND_ADDRESS_NO_PORT */
	bool connects;	      /* to the service */
	bool in_turn;	      /* to each of the service's ports in turn, else to LAB_PORT */
	bool reads;	      /* until the service has closed */
	bool closes;	      /* before it opens the next; else it keeps what it has */
	unsigned keeps_each;  /* but of every so many it keeps one; 0: none */
	unsigned descriptors; /* puts that limit on itself first; 0: none */
};

/* How far it came. */
struct lab_answer {
	unsigned done;	  /* connections, or sockets, that came about */
	const char *call; /* that failed, else the last one: "socket", "bind", "connect" */
	int error;	  /* of it; 0: all came about */
	const char *error_name, *error_text; /* "EADDRNOTAVAIL", and in words; NULL */
	struct address to; /* that the call was given; FAMILY_NONE: it takes none */
	uint16_t to_port;
	struct address first; /* the local end of the first one; FAMILY_NONE: there is none */
	uint16_t first_port;
};

struct lab;

/*
 * Moves this process into a new namespace for good (a user namespace as well where it may not otherwise), and
 * starts the service and the program there. `service_closes`: it ends each connection at once, else it waits
 * until the program does. NULL with a sentence. No thread may run besides.
 */
struct lab *lab_open(bool service_closes, struct error *error);
void lab_close(struct lab *lab);

int32_t lab_program(const struct lab *lab); /* its pid */

/* Has the program open so many more at the most, until a call fails. -1 with a sentence: it could not be asked. */
int lab_work(struct lab *lab, const struct lab_habit *habit, unsigned count,
	     struct lab_answer *answer, struct error *error);

/* Waits until no connection is on its way out any more. */
void lab_settle(void);

/* The cures. Each is -1 with a sentence if it could not be done. */
int lab_set(const char *setting, const char *value, struct error *error); /* of net.ipv4 */
int lab_restart(struct lab *lab, struct error *error);			  /* the program */
int lab_raise_limit(struct lab *lab, unsigned descriptors, struct error *error);
