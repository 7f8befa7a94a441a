#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stdint.h>

/* All of it is one hexadecimal number up to `most`, without a mark before it. */
bool hex_number(struct span text, uint64_t most, uint64_t *number);
