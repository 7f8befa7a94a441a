#pragma once

#include "process/fake_nt.h"
#include "snapshot/snapshot.h"
#include "source/windows/rows.h"

/*
 * Sockets for the search for bound ports. Handles are fake_nt.c's, told by themselves or by what their context says; the first
 * reading of the tables is a list of rows, the second is asked for by functions of ours. These can change the handles, too: it is
 * then that time goes by.
 */
enum { GIVEN_MOST = 8 };

extern struct given {
	struct fake_handle handles[GIVEN_MOST];
	size_t handle_count;
	struct rows rows;
	struct snapshot snapshot;
	struct {
		struct dossier_socket rows[GIVEN_MOST];
		size_t count;
		unsigned calls;
		bool tcp4_denied, tcp6_denied, udp4_denied;
		void (*meanwhile)(void);
	} again; /* the second reading */
} given;

void given_nothing(void);
void given_end(void);

/* ---- what there is ---- */

struct fake_handle *given_socket(int32_t pid, const char *local);

enum { STATE_OPEN, STATE_BOUND, STATE_CONNECTED = 3, STATE_CLOSING };

struct fake_handle *given_tcp(int32_t pid, const char *local, uint8_t state);

void given_row(enum protocol protocol, enum socket_state state, const char *local,
	       int32_t pid);

/* In the second reading; of TCP. */
void given_row_again(enum socket_state state, const char *local, int32_t pid);

/* ---- what is found ---- */

/* How many rows of bound ports there are then, behind the others: found_bound_at(0) has the lowest port. */
size_t found_bound(void);
const struct dossier_socket *found_bound_at(size_t index);

bool found_gap(const char *what, enum gap_effect effect);
