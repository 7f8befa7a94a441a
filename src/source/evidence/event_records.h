#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct artefact_input;

/*
 * The records of a Windows event log file as XML, in the order of the file: by libevtx, in a process of its own, or by Windows
 * itself. `fd` has the file's bytes, its name is the input's.
 *
 * 0, or -1 with a sentence: it could not be read, or not to its end; what came before was fed. `unread` counts records that
 * could not be read.
 */
int event_records_read(const struct artefact_input *input, int fd,
		       void (*feed)(void *context, const char *xml, size_t size),
		       void *context, uint64_t *unread, struct error *error);
