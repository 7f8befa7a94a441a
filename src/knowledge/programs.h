#pragma once

/*
 * What to set in well-known programs, by kind of trouble. Texts are English keys of their
 * translation; shown through _().
 */
enum advice_kind {
	ADVICE_KEEP_ALIVE, /* use connections again */
	ADVICE_CLOSE,	   /* close what the peer has closed */
	ADVICE_SOURCE,	   /* connect from further source addresses, where that is done without
				or with IP_BIND_ADDRESS_NO_PORT: else it takes ports from everybody */
	ADVICE_BIND_NO_PORT, /* choose the port at connect(), not at bind() */
	ADVICE_TIMEOUT,	     /* give up on a peer that does not answer */
	ADVICE_KIND_COUNT,
};

struct program {
	const char *title;
	const char
		*names; /* of the executable, separated by '|'; NULL: has no name of its own */
	const char *advice[ADVICE_KIND_COUNT]; /* NULL: nothing known */
};

/* Ended by an entry without a title. */
extern const struct program programs[];

/* By the path of the executable (NULL: not known), or else the name of the process, or else the
 * title of what it is written for (NULL: not known). A version may follow a name, as in python3.11.
 * NULL: not known here. */
const struct program *program_find(const char *executable, const char *name,
				   const char *runtime);

/* By its title, as a message refers to it. */
const struct program *program_titled(const char *title);

/* The directive that helps; NULL where none is known. */
const char *program_advice(const char *executable, const char *name, const char *runtime,
			   enum advice_kind kind);

/* "keep_alive", ...: for programs. */
const char *advice_name(enum advice_kind kind);
