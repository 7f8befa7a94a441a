#include "view/golden.h"

#include <stdlib.h>
#include <string.h>

void golden_begin(struct golden *golden)
{
	golden->text = NULL;
	golden->size = 0;
	golden->out = open_memstream(&golden->text, &golden->size);
	assert_non_null(golden->out);
}

static char *read_file(const char *path)
{
	enum { LARGEST = 1 << 20 };
	char *text = calloc(1, LARGEST);
	FILE *file = fopen(path, "r");

	assert_non_null(text);
	if (file) {
		size_t length = fread(text, 1, LARGEST - 1, file);

		assert_true(length < LARGEST - 1);
		fclose(file);
	}
	return text;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void golden_end(struct golden *golden, const char *name)
{
	const char *mode = getenv("PORTROOM_GOLDEN");
	char path[512], *wanted;

	assert_int_equal(fclose(golden->out), 0);
	snprintf(path, sizeof path, "%s/%s", GOLDEN, name);
	if (mode && !strcmp(mode, "write"))
		write_file(path, golden->text);
	wanted = read_file(path);
	assert_string_equal(golden->text, wanted);
	free(wanted);
	free(golden->text);
}
