#pragma once

#include "base/error.h"
#include "source/artefact/artefact.h"

#include <stdint.h>

/*
 * The files of an archive, one after the other, each in memory while it is looked at; nothing is written to a disk. An
 * archive of some kilobytes can hold any number of files of any size: one budget is for all that a call of portroom unpacks.
 */
struct unpack_budget {
	uint64_t bytes, members; /* so far */
};

#define UNPACK_BYTES_MOST (UINT64_C(4) << 30)
enum { UNPACK_MEMBERS_MOST = 10000, UNPACK_MEMBER_BYTES_MOST = 512 << 20 };

/* `why_not`: a sentence, nothing of it could be read; NULL. The member is there until the callee returns. */
typedef void unpack_member(void *context, const struct artefact_input *member,
			   const char *why_not);

/*
 * `fd` has the archive's bytes. 0, or -1 with a sentence if it could not be read to its end; what was read until then was
 * handed on.
 */
int unpack_read(struct unpack_budget *budget, const struct artefact_input *archive, int fd,
		unpack_member *take, void *context, struct error *error);
