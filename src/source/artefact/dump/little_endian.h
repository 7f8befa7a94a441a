#pragma once

#include <stdint.h>

/*
 * Numbers as x86 writes them; the caller has seen that so many bytes are there.
 */
static inline uint16_t little_endian_16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t little_endian_32(const uint8_t *bytes)
{
	return little_endian_16(bytes) | (uint32_t)little_endian_16(bytes + 2) << 16;
}

static inline uint64_t little_endian_64(const uint8_t *bytes)
{
	return little_endian_32(bytes) | (uint64_t)little_endian_32(bytes + 4) << 32;
}
