#pragma once

#include "source/windows/process/nt.h"

#include <stdbool.h>

/*
 * A system with handles of our making: what the route asks is answered from `fake_handles`, and ways of answering badly are
 * chosen by `fake`.
 */
enum fake_kind {
	FAKE_FILE,    /* of another device */
	FAKE_SOCKET,  /* of \Device\Afd, with an address */
	FAKE_UNBOUND, /* the same, without one */
	FAKE_HANGING, /* does not answer what device it is of, until fake_end() */
	FAKE_LATE,    /* does so as soon as one that wakes it is asked; is a socket */
	FAKE_WAKES,
	FAKE_TARDY,   /* is a socket, after 300 ms */
	FAKE_SLOW,    /* answers its address a moment later, by the event */
	FAKE_PENDING, /* does so only when it is cancelled */
	FAKE_LOST,    /* and not even then */
	FAKE_CLOSED,  /* cannot be copied: it is gone */
};

enum { FAKE_FILE_TYPE = 37, FAKE_EVENT_TYPE = 16 };

struct fake_handle {
	int32_t pid;
	uint64_t handle;
	uint16_t type;
	enum fake_kind kind;
	const char *local;	 /* "10.0.0.5:49153", of sockets */
	uint8_t state, protocol; /* of the context: 3 is connected; 6, 17 */
	const char *remote;
	uint32_t access;
	bool listens;
	unsigned session; /* of its process */
};

struct fake {
	const struct fake_handle *handles;
	size_t count;
	bool no_volume_names; /* Windows 7 */
	bool no_own_file;
	int32_t refused_pid;
	unsigned own_session;
	unsigned grows;			/* so many calls tell that the table has grown */
	unsigned long status;		/* of query_system(); 0: success */
	volatile LONG controls;		/* requests to drivers */
	volatile LONG foreign_controls; /* of these, to what is no socket */
	void *lost_bytes;		/* where the answer of FAKE_LOST would go */
	IO_STATUS_BLOCK *lost_result;
};

extern struct fake fake;

void fake_begin(const struct fake_handle *handles, size_t count, struct nt_route *route);
void fake_end(void); /* what hangs goes on, and comes to its end */
