#pragma once

#include "action/probe.h"

/*
 * What an error of Winsock says of an attempt. One number stands for several things there, and Wine, which hands Linux's
 * errors on, means others by some of them than Windows does: so the system and the room that there is are asked besides.
 */
struct winsock_facts {
	bool is_wine;
	int64_t room; /* connections, or ports, that are free by the tables; -1: not known, or not asked yet */
};

/* `call` as in struct probe_attempt; attempts never bind to a port of their own choice. */
enum probe_outcome winsock_outcome(int error, const char *call, enum protocol protocol,
				   const struct winsock_facts *facts);

/* "WSAENOBUFS"; NULL: none that has a name here. */
const char *winsock_name(int error);

/* The same in words, in this language; never NULL. */
const char *winsock_text(int error);
