#pragma once

#include "base/error.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/range_plan.h"
#include "snapshot/windows.h"

/*
 * Another dynamic port range for some of the four rows of Windows, thought through before it is set: what Microsoft's article
 * on port exhaustion asks of it, whose ports it would take in, what room it gives. Pure: nothing is changed here.
 */
enum { WINDOWS_FAMILIES = 2 };

/* What is wanted. Numbers as they were given, so that a bad one can be told. */
struct windows_range_wish {
	bool rows[PROTOCOL_COUNT][WINDOWS_FAMILIES]; /* IPv4, IPv6 */
	unsigned first, last;
	bool force;  /* ports of services come to lie in it; sockets that were not read */
	bool shrink; /* fewer usable ports than now */
};

struct windows_range_row {
	bool wanted;
	struct port_range before, after; /* the same where it is not wanted */
	unsigned usable_before, usable_after;
	/* For bind() to port 0, and for UDP. */
	struct capacity room_before, room_after;
};

/* A port of a listener, or of a socket that is bound, which comes to lie in the range. */
struct windows_range_sitter {
	enum protocol protocol;
	uint8_t family;
	uint16_t port;
	const struct process *process; /* NULL: not known */
};

struct windows_range_plan {
	struct windows_range_row rows[PROTOCOL_COUNT][WINDOWS_FAMILIES];
	const struct windows_range_sitter
		*sitters; /* each port of a row once; of the diagnosis */
	size_t sitter_count;
	unsigned
		left_outside; /* ports in use that will lie outside: until their sockets close */
	struct range_room rooms[RANGE_PLAN_ROOMS]; /* of TCP, fullest first */
	size_t room_count;
};

/* 0, or -1 with a sentence that names the row, why its range is refused, and what would be accepted. The diagnosis must
 * outlive the plan. */
int windows_range_plan_make(struct windows_range_plan *plan, struct diagnosis *diagnosis,
			    const struct windows_range_wish *wish, struct error *error);

/* Whether anything would be different. */
bool windows_range_plan_changes(const struct windows_range_plan *plan);

/* "tcp ipv4", as the options call them; by the index of the family. */
const char *windows_range_row_name(enum protocol protocol, int family);
