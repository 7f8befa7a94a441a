#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Plain LZ77 of [MS-XCA] 2.3 and 2.4 ("XPRESS" without Huffman), in which buffers of a trace are compressed.
 */

/*
 * How many bytes of `out` were filled. Fewer than out_size: the input ended too soon, or what it says cannot be. Input
 * that is left over is no mistake: Windows writes a last word of flags that nothing uses.
 */
size_t xpress_decompress(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size);
