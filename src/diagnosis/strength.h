#pragma once

#include "snapshot/socket.h"

#include <stdint.h>

struct diagnosis;
struct finding;

/*
 * How well what somebody sent, or what the machine has logged itself, shows that ports ran out. Where there is neither there
 * is nothing to weigh: STRENGTH_NONE. Weak evidence alone is never a verdict.
 */
enum strength {
	STRENGTH_NONE,
	STRENGTH_WEAK, /* it happens on machines that have ports, too: 4227, many TIME_WAIT */
	STRENGTH_STRONG, /* counted in a listing: so little of the range is left */
	STRENGTH_PROOF,	 /* the system itself said so, or a call was seen to fail for it */
};

const char *strength_name(enum strength strength);  /* "weak" */
const char *strength_title(enum strength strength); /* "weak evidence"; to be translated */

/* What the finding rests on, each once: an index into evidence.artefacts; below 0: nothing. */
void strength_add_source(struct finding *finding, int64_t artefact);

/* The listing of that protocol's sockets, and whatever told the range of its ports. */
void strength_add_listing(const struct diagnosis *diagnosis, struct finding *finding,
			  enum protocol protocol);

/* What a Linux machine's findings rest on, where files told of it; and each file once. */
void strength_settle(struct diagnosis *diagnosis);

/* That of the strongest finding or remark. */
enum strength strength_of_all(const struct diagnosis *diagnosis);
