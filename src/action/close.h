#pragma once

#include "base/error.h"
#include "snapshot/socket.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Closes sockets of other processes from outside (SOCK_DESTROY, SetTcpEntry()), and ends processes politely.
 */
enum close_result {
	CLOSE_DONE,
	CLOSE_GONE, /* it was closed meanwhile, or is not the same any more */
	CLOSE_NOT_PERMITTED,
	CLOSE_NOT_SUPPORTED, /* nothing here closes any: a kernel without CONFIG_INET_DIAG_DESTROY */
	CLOSE_CANNOT,	     /* nothing closes one of this kind: close_can() */
	CLOSE_FAILED,
};

const char *close_result_name(
	enum close_result result); /* "closed", "gone", ...: for programs */

/* Which of source_names tells sockets so that close_socket() finds the very same. */
extern const char *const close_source;

/* Whether a socket of this kind can be closed from outside at all: none that is bound only; on Windows just TCP connections over
 * IPv4. */
bool close_can(const struct socket_record *record);

/* A way to the kernel, in the namespace the process is in. */
struct closer;

struct closer *close_open(struct error *error);
void close_end(struct closer *closer);

/*
 * Destroys the very socket that the record tells of: by its addresses, ports and cookie. The process gets ECONNABORTED on it;
 * the peer of a connection a reset.
 */
enum close_result close_socket(struct closer *closer, const struct socket_record *record,
			       struct error *error);

/* What has moved on a TCP connection so far. */
struct close_motion {
	uint64_t bytes_sent, bytes_received;
	int64_t quiet_ms; /* since the last segment came or went; -1: not known */
	bool known;
};

struct close_motion close_watch(struct closer *closer, const struct socket_record *record);

/* ---- processes ---- */

/* Whether that process is never touched: process 1, those that Windows would end with, this one. */
bool close_spares(int32_t pid);

enum close_ending {
	ENDING_DONE,
	ENDING_GONE, /* it had ended before */
	ENDING_NOT_PERMITTED,
	ENDING_STILL_RUNS, /* it does not end when asked to */
	ENDING_CANNOT_ASK, /* it has nothing that it could be asked by; only force ends it */
	ENDING_MANY_SERVICES, /* several services run in it, which all would end: that takes force */
	ENDING_FAILED,
};

const char *close_ending_name(enum close_ending ending);

/*
 * Asks the process with that number and beginning to end (SIGTERM; on Windows its service is stopped, or its windows are
 * closed), waits so long, and ends it then if `force` (SIGKILL, TerminateProcess()). Never one that close_spares(). Another
 * process that has the number by now is left alone.
 */
enum close_ending close_process(int32_t pid, uint64_t start_ticks, unsigned wait_ms,
				bool force);
