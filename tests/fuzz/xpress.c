/*
 * Compressed bytes alone: how many bytes they were (16 bits), and what they became. Whether all came back.
 */
#include "source/artefact/etl/xpress.h"

#include "fuzz.h"

#include <stdlib.h>

int fuzz_one(const uint8_t *data, size_t size)
{
	size_t wanted = size > 1 ? (size_t)(data[0] | data[1] << 8) : 0, got;
	uint8_t *out, *in;

	if (!wanted)
		return 0;
	/* Each of its own size, so that a sanitizer sees a step behind the end. */
	out = malloc(wanted);
	in = malloc(size - 2 ? size - 2 : 1);
	for (size_t i = 2; i < size; i++)
		in[i - 2] = data[i];
	got = xpress_decompress(in, size - 2, out, wanted);
	free(in);
	free(out);
	return got == wanted;
}
