#pragma once

#include "knowledge/endpoint.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct message;
struct topic;

/*
 * What a word, a number or a line of a log stands for. A number can stand for several things; all are
 * told, the most likely first.
 */
enum { LOOKUP_MATCHES = 8 };

struct lookup {
	const struct message *message; /* that the text is; NULL: none that is known */
	struct lookup_match {
		const struct topic *topic;
		const char *how; /* why this one, where it is not obvious (shown through _());
				    NULL: it is */
	} matches[LOOKUP_MATCHES];
	size_t count;
	struct endpoint there; /* where the text says the connect went to */
	uint16_t port;	       /* of any address in the text; 0: none */
};

/* Whether anything was found. */
bool lookup_text(const char *text, struct lookup *lookup);

/* Only names and aliases: for what may also be the name of a file. */
bool lookup_name(const char *text, struct lookup *lookup);

/* EADDRNOTAVAIL or EADDRINUSE if the text has its name or its words, whoever writes it; NULL: neither. Numbers do not
 * count: in the line of a log that need not be about ports 99 stands for anything. */
const struct topic *lookup_port_error(const char *text);

/* Where the text says that the connect went to; `message` may be NULL. For lookup_command(). */
void lookup_place(struct lookup *lookup, const struct message *message, const char *text);

/* `command` with what the text says in the place of DST:PORT, DNS:53 and --port N. NULL stays NULL. */
const char *lookup_command(struct arena *arena, const struct lookup *lookup,
			   const char *command);

/* For the files of lookup: a topic that is in the list already is not added. */
void lookup_add(struct lookup *lookup, const struct topic *topic, const char *how);

/* Names that may be meant by something that was not found, in lower case; ended by NULL, to be freed
 * by the caller as one block. */
const char **lookup_names(void);
