#pragma once

#include "snapshot/socket.h"
#include "source/artefact/text/text_format.h"

#include <stdbool.h>
#include <stdint.h>

struct dossier;

/*
 * What "netsh interface ipv4 show ... tcp" was asked for. The output itself has the protocol in its title and the family
 * nowhere: that stands in the command, where the prompt was copied, too.
 */
struct netsh_subject {
	enum protocol protocol;
	bool protocol_known;
	uint8_t family; /* FAMILY_NONE: not said */
};

/* From the lines before the output's table, of which the latest is before[from]. */
void netsh_subject_find(struct netsh_subject *subject, const struct text_context *context,
			int from);

/* A line of nothing but groups of dashes: how many dashes each has, at most `most`. 0: it is none. */
size_t netsh_dashes(struct span text, size_t *groups, size_t most);

/* Families that an output is of: [0] IPv4, [1] IPv6. `nth`: how many before it did not say their family, either, in one
 * file. The first is taken for both, the next for IPv6: people ask for IPv4 first. */
void netsh_families(const struct netsh_subject *subject, unsigned nth, bool families[2]);

/* Says at the end of a file what was assumed; nothing where every output said its family. */
void netsh_note_unsaid(struct dossier *dossier, const unsigned unsaid[PROTOCOL_COUNT]);
