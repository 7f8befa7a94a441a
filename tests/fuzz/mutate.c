/*
 * Spoils a good file again and again and tries what a reader makes of it.
 *
 *     fuzz-NAME SEED RUNS [FIRST]
 *
 * Each run changes SEED in a few places: bits, bytes, numbers, whole stretches. The changes follow from the number of the
 * run alone, so that what a run found is found again by `fuzz-NAME SEED 1 NUMBER`. A crash, or what a sanitizer finds, is
 * the failure; and so is a reader that takes everything, or nothing. With clang -fsanitize=fuzzer and
 * -DFUZZ_BY_LIBFUZZER, libFuzzer does the spoiling instead.
 */
#include "fuzz.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef FUZZ_BY_LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_one(data, size);
	return 0;
}

#else

enum { MOST = 1 << 20, MOST_CHANGES = 4, LONGEST = 64 };

struct sample {
	uint8_t data[MOST];
	size_t size;
	uint64_t random;
};

static unsigned long current;

/* xorshift64*, https://doi.org/10.18637/jss.v008.i14 */
static uint64_t draw(struct sample *sample, uint64_t below)
{
	sample->random ^= sample->random >> 12;
	sample->random ^= sample->random << 25;
	sample->random ^= sample->random >> 27;
	return below ? (sample->random * UINT64_C(2685821657736338717) >> 11) % below : 0;
}

static void replace(struct sample *sample, size_t at, size_t length, const uint8_t *with,
		    size_t size)
{
	if (at + length > sample->size || sample->size - length + size > MOST)
		return;
	memmove(sample->data + at + size, sample->data + at + length,
		sample->size - at - length);
	memcpy(sample->data + at, with, size);
	sample->size += size - length;
}

/* The number at or behind a place becomes one at a limit. */
static void change_number(struct sample *sample, size_t at)
{
	static const char *const numbers[] = {
		"0",	 "1",	      "-1",	    "255",	  "256",
		"65535", "65536",     "2147483647", "4294967295", "9223372036854775807",
		"1e308", "999999999", "null",	    "\"x\"",	  "[]",
	};
	const char *number = numbers[draw(sample, sizeof numbers / sizeof numbers[0])];
	size_t length = 0;

	while (at < sample->size && (sample->data[at] < '0' || sample->data[at] > '9'))
		at++;
	while (at + length < sample->size && sample->data[at + length] >= '0' &&
	       sample->data[at + length] <= '9')
		length++;
	if (length)
		replace(sample, at, length, (const uint8_t *)number, strlen(number));
}

static void change(struct sample *sample)
{
	const size_t at = draw(sample, sample->size), length = draw(sample, LONGEST),
		     from = draw(sample, sample->size);
	uint8_t copy[LONGEST];

	if (!sample->size)
		return;
	switch (draw(sample, 6)) {
	case 0:
		sample->data[at] ^= (uint8_t)(1 << draw(sample, 8));
		break;
	case 1:
		sample->data[at] = (uint8_t)draw(sample, 256);
		break;
	case 2:
		replace(sample, at, length, copy, 0);
		break;
	case 3:
		if (from + length > sample->size)
			break;
		memcpy(copy, sample->data + from, length);
		replace(sample, at, 0, copy, length);
		break;
	default:
		change_number(sample, at);
	}
}

static int run(struct sample *sample, const uint8_t *seed, size_t size, unsigned long number)
{
	uint8_t *exact;
	int taken;

	memcpy(sample->data, seed, size);
	sample->size = size;
	sample->random = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
	for (uint64_t i = 0, changes = 1 + draw(sample, MOST_CHANGES); i < changes; i++)
		change(sample);
	/* Of its own size, so that a sanitizer sees a step behind the end. */
	exact = malloc(sample->size ? sample->size : 1);
	memcpy(exact, sample->data, sample->size);
	taken = fuzz_one(exact, sample->size);
	free(exact);
	return taken;
}

static void tell_run(int number)
{
	char text[96];
	int length = snprintf(text, sizeof text, "not ok 1 - run %lu ended by signal %d\n",
			      current, number);

	if (write(STDOUT_FILENO, text, (size_t)length) < 0)
		_exit(2);
	signal(number, SIG_DFL);
	raise(number);
}

int main(int count, char **words)
{
	static uint8_t seed[MOST];
	static struct sample sample;
	const unsigned long runs = count > 2 ? strtoul(words[2], NULL, 10) : 0,
			    first = count > 3 ? strtoul(words[3], NULL, 10) : 0;
	FILE *file = runs ? fopen(words[1], "rb") : NULL;
	unsigned long taken = 0;
	size_t size;

	if (!file) {
		fputs("usage: fuzz-NAME SEED RUNS [FIRST]\n", stderr);
		return 2;
	}
	size = fread(seed, 1, MOST, file);
	fclose(file);
	signal(SIGSEGV, tell_run);
	signal(SIGABRT, tell_run);
	printf("1..2\n%s 1 - the seed itself is taken\n",
	       fuzz_one(seed, size) ? "ok" : "not ok");
	fflush(stdout);
	for (current = first; current < first + runs; current++)
		taken += (unsigned long)run(&sample, seed, size, current);
	printf("%s 2 - of %lu spoiled ones %lu are taken, the others refused\n",
	       runs == 1 || (taken > 0 && taken < runs) ? "ok" : "not ok", runs, taken);
	return 0;
}

#endif
