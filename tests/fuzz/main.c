/*
 * A target as an ordinary test.
 *
 *     fuzz-NAME replay FOLDER        each file of a corpus: what once was found, or is hard to come by
 *     fuzz-NAME spoil RUNS SEED...   good files, each spoilt again and again; RUNS in all
 *     fuzz-NAME again NUMBER SEED    one run of them, as a failure named it
 *
 * A crash, or what a sanitizer finds, is the failure; and so is a seed that is refused, and a reader that takes everything,
 * or nothing.
 */
#include "fuzz.h"
#include "spoil.h"
#include "system/file.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOISE_RUNS = 500 };

static unsigned long current; /* the run, for a message from a signal */
static const char *seed_name = "";
static unsigned cases;

static void say(bool passed, const char *sentence)
{
	printf("%s %u - %s\n", passed ? "ok" : "not ok", ++cases, sentence);
	fflush(stdout);
}

static int try(const uint8_t *data, size_t size)
{
	/* Of its own size, so that a sanitizer sees a step behind the end. */
	uint8_t *exact = malloc(size ? size : 1);
	int taken;

	memcpy(exact, data, size);
	taken = fuzz_one(exact, size);
	free(exact);
	return taken;
}

/* The file's size; longer ones are cut. */
static size_t load(const char *path, uint8_t *data)
{
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file) {
		perror(path);
		exit(2);
	}
	size = fread(data, 1, SPOIL_MOST_BYTES, file);
	fclose(file);
	return size;
}

static void tell_run(int number)
{
	char text[512];
	int length =
		snprintf(text, sizeof text, "not ok %u - run %lu of %s ended by signal %d\n",
			 cases + 1, current, seed_name, number);

	if (write(STDOUT_FILENO, text, (size_t)length) < 0)
		_exit(2);
	signal(number, SIG_DFL);
	raise(number);
}

static int replay(const char *folder)
{
	static uint8_t data[SPOIL_MOST_BYTES];
	struct file_names names;
	char path[4096], sentence[512];
	size_t count = 0;

	seed_name = folder;
	if (file_names(&names, folder)) {
		perror(folder);
		exit(2);
	}
	for (size_t i = 0; i < names.count; i++) {
		size_t size;

		if (names.items[i][0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, names.items[i]);
		size = load(path, data);
		printf("# %s: %s\n", names.items[i], try(data, size) ? "taken" : "refused");
		fflush(stdout); /* the last one that is named is the one that crashed */
		current++;
		count++;
	}
	file_names_free(&names);
	snprintf(sentence, sizeof sentence, "%zu files of the corpus do no harm", count);
	puts("1..1");
	say(count > 0, sentence);
	return 0;
}

static unsigned long spoil_seed(struct spoilt *spoilt, const char *path, unsigned long runs)
{
	static uint8_t seed[SPOIL_MOST_BYTES];
	const size_t size = load(path, seed);
	const char *slash = strrchr(path, '/');
	unsigned long taken = 0;
	char sentence[512];

	seed_name = slash ? slash + 1 : path;
	snprintf(sentence, sizeof sentence, "%s itself is taken", seed_name);
	say(try(seed, size), sentence);
	for (current = 0; current < runs; current++) {
		spoil(spoilt, seed, size, current);
		taken += (unsigned long)try(spoilt->data, spoilt->size);
	}
	return taken;
}

static int spoil_all(unsigned long runs, int count, char **seeds)
{
	static struct spoilt spoilt;
	unsigned long taken = 0, noise_taken = 0;
	char sentence[512];

	printf("1..%d\n", count + 2);
	for (int i = 0; i < count; i++)
		taken += spoil_seed(&spoilt, seeds[i], runs / (unsigned long)count);
	seed_name = "noise";
	for (current = 0; current < NOISE_RUNS; current++) {
		spoil_noise(&spoilt, current);
		noise_taken += (unsigned long)try(spoilt.data, spoilt.size);
	}
	snprintf(sentence, sizeof sentence, "of %lu spoilt ones some are taken: %lu", runs,
		 taken);
	say(taken > 0, sentence);
	snprintf(sentence, sizeof sentence, "of %d times noise some are refused: %lu",
		 NOISE_RUNS, NOISE_RUNS - noise_taken);
	say(noise_taken < NOISE_RUNS, sentence);
	return 0;
}

static int again(unsigned long number, const char *path)
{
	static uint8_t seed[SPOIL_MOST_BYTES];
	static struct spoilt spoilt;

	spoil(&spoilt, seed, load(path, seed), number);
	puts(try(spoilt.data, spoilt.size) ? "taken" : "refused");
	return 0;
}

int main(int count, char **words)
{
	const char *how = count > 2 ? words[1] : "";

	signal(SIGSEGV, tell_run);
	signal(SIGABRT, tell_run);
	if (!strcmp(how, "replay") && count == 3)
		return replay(words[2]);
	if (!strcmp(how, "spoil") && count > 3)
		return spoil_all(strtoul(words[2], NULL, 10), count - 3, words + 3);
	if (!strcmp(how, "again") && count == 4)
		return again(strtoul(words[2], NULL, 10), words[3]);
	fputs("usage: fuzz-NAME replay FOLDER | spoil RUNS SEED... | again NUMBER SEED\n",
	      stderr);
	return 2;
}
