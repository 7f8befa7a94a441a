#pragma once

#include "source/evidence/frames.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Writes frames (source/evidence/frames.h) to standard output. If nobody reads any more, the program ends.
 */
void frame_out_member(const char *name, int64_t modified_ms);
void frame_out_data(const void *bytes, size_t size);	   /* any number of them */
void frame_out_end(enum frame_why why, const char *words); /* words may be NULL */
void frame_out_whole(enum frame_why why, const char *words);
