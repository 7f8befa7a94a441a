#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "ports.h"
#include "sockets.h"

/* So many sockets of one kind. */
struct order {
	unsigned count;
	struct plan plan;
};

/* What a process holds: the truth is stated from this. */
struct held {
	pid_t pid; /* 0: no process has a descriptor for them */
	unsigned sockets;
	/* Those of them that are bound and nothing more: no table of /proc/net shows them. */
	unsigned bound;
	struct port_set ports;
};

/*
 * A child process that fills the orders, one after the other, and keeps the sockets until the
 * situation ends. It has no other descriptors and dies with its parent. Gives up if a call
 * fails.
 */
struct held holder_start(const struct order *orders, size_t count);

/* The same in this process. The descriptors are returned in `fds` unless it is NULL. */
struct held holder_here(const struct order *orders, size_t count, int *fds);

/* `HOLDER_START({ 100, { .connect_to = LOOPBACK, .port = 9000 } }, { 3, … })` */
#define ORDERS(...)                                                                           \
	(const struct order[]){ __VA_ARGS__ },                                                \
		sizeof((struct order[]){ __VA_ARGS__ }) / sizeof(struct order)
#define HOLDER_START(...) holder_start(ORDERS(__VA_ARGS__))
#define HOLDER_HERE(...) holder_here(ORDERS(__VA_ARGS__), NULL)

/* Forks a child that dies with its parent and after LIFETIME_S at the latest; as fork(). */
pid_t holder_fork(void);

/* No situation lives longer than this, whatever hangs. */
enum { LIFETIME_S = 660 };

void holders_end(void);
