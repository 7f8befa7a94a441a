#pragma once

#include "source/artefact/dossier.h"
#include "source/artefact/text/text_format.h"

/*
 * What the programs that list sockets on Linux have in common: ss, netstat, lsof and the files they read.
 */

/*
 * As span_endpoint(), and with the name of an interface behind the address: "[fe80::1]%eth0:546", "127.0.0.53%lo:53".
 */
bool listing_endpoint(struct span span, struct address *address, uint16_t *port);

/* The state of that word as ss or netstat or lsof write it, SOCKET_STATE_COUNT: it is none of TCP's. "UNCONN" is
 * SOCKET_CLOSE. */
enum socket_state listing_state(struct span word);

/* Whether the line begins so, blanks apart: what was pasted is often indented. */
bool listing_begins(const struct line *line, const char *text);

/* Without a peer: the wildcard of its own family, as the kernel has it. */
void listing_complete(struct dossier_socket *socket);

/* The options that the last command before the listing was given: "-tanp" of "$ ss -tanp state time-wait"; an empty one
 * where no such command is seen. */
struct span listing_command(const struct text_context *context, const char *program);

/* Whether one of its words is an option with that letter, or is that word. */
bool command_has_letter(struct span command, char letter);
bool command_has_word(struct span command, const char *word);

/* The first place of `text` in the span, its length if there is none. */
size_t listing_find(struct span span, const char *text);
struct span listing_behind(struct span span, size_t at);
