#pragma once

#include "base/error.h"

/*
 * Standard output of a command that goes on until somebody ends it.
 *
 * What was written goes out now. -1: nothing more should be written, as nobody reads any more, or the disk is full; the
 * sentence is empty where the end of the program tells it.
 */
int output_flush(struct error *error);
