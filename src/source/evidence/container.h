#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Files that have others in them, or that are compressed, by their first bytes.
 */
enum container { CONTAINER_NONE, CONTAINER_ARCHIVE, CONTAINER_EVTX };

enum container container_of_bytes(const uint8_t *bytes, size_t size);
