#pragma once

/*
 * The ledger: which process opened a TCP connection. What is left of one in TIME_WAIT has no process any
 * more, but it keeps the number that the kernel gave the socket, its cookie.
 *
 * The entry of a cookie lies in an array at the cookie's low bits. Cookies are handed out in sequence, so
 * a new entry takes the place of the oldest. Both sides have the array mapped; a reader finds an entry
 * whole if the cookie is there before it reads and afterwards.
 *
 * Included by the BPF program and by the reader, after the types u8...u64.
 */
enum {
	LEDGER_LAYOUT = 1, /* another number for another meaning of anything here */
	LEDGER_MAKERS = 16384,
	LEDGER_UNIT_SHIFT = 20, /* times are counted in 2^20 ns, about a millisecond */
};

/* struct ledger_entry.flags */
enum {
	LEDGER_IPV6 = 1,
	LEDGER_NO_PORT = 2, /* connect() found no port: nothing was opened */
	LEDGER_OLD_PORT =
		4, /* the port of an earlier attempt was still written in the socket */
};

struct ledger_entry {
	u64 cookie;  /* 0: there is none, or it is being written */
	u32 process; /* number in the initial pid namespace; 0: the kernel itself */
	u32 began;   /* the process, since boot: with its number that names it for ever */
	u32 opened;  /* CLOCK_MONOTONIC */
	u32 turn;    /* so many entries have had this place, this one included */
	u32 netns;   /* inode number */
	u16 remote_port;
	u16 flags;
	u8 local[16], remote[16]; /* IPv4 in the first four, the rest zero */
};

/* Who that is, noted once: an ended process cannot be asked any more. The least used go first. */
struct ledger_maker_key {
	u32 process, began;
};

struct ledger_maker {
	u64 start_ns; /* since boot */
	u64 cgroup;   /* inode number in the unified hierarchy */
	u32 user;
	int pid; /* in the pid namespace of ledger_state; 0: not visible in it */
	char name[16];
};

struct ledger_state {
	u32 layout, pid_namespace; /* of whoever began it: inode number */
	u64 noted;		   /* calls of connect() */
	u64 no_port;		   /* of these, such that found no port */
	u64 overwritten; /* entries younger than TIME_WAIT lasts that gave place to another */
};
