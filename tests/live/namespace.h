#pragma once

#include <stdint.h>
#include <sys/types.h>

/*
 * A private network namespace for this process and the children it makes from now on: lo is
 * up, the port range is first-last and TIME_WAIT is not reused. Nothing outside is touched.
 * Needs root.
 */
void namespace_enter(uint16_t first, uint16_t last);

/* Inode number of this process's network namespace. */
uint64_t namespace_inode(void);

/* Whether net.ipv4.`name` exists, and writing it; giving up when it cannot be written. */
int namespace_has_sysctl(const char *name);
void namespace_sysctl(const char *name, const char *value);

/* An address of either family on a device, usable at once. */
void namespace_add_address(const char *device, const char *address, unsigned prefix);

/*
 * A pair of devices, both up; the far one is moved into the namespace of `peer_pid` unless it
 * is 0.
 */
void namespace_add_veth(const char *near, const char *far, pid_t peer_pid);
void namespace_set_up(const char *device);

/* A neighbour that never answers: packets leave, nothing comes back. */
void namespace_add_silent_neighbour(const char *device, const char *address);

/*
 * How many entries of this namespace's TCP tables are in a state, as /proc/net/tcp numbers it.
 */
unsigned namespace_count_state(unsigned state);

/* Waits until the count is as wanted; gives up after 5 s. */
void namespace_await_state(unsigned state, unsigned wanted);
