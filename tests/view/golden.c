#include "view/golden.h"

#include "base/language.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void golden_begin(struct golden *golden)
{
	*golden = (struct golden){ .folder = "" };
	memory_file_open(&golden->file);
	golden->out = golden->file.out;
}

struct view_style golden_begin_screen(struct golden *golden, enum golden_screen screen)
{
	static const char *const folders[] = {
		[SCREEN_PIPE] = "",
		[SCREEN_80] = "80/",
		[SCREEN_CHINESE] = "zh_CN/",
	};
	struct error error;

	golden_begin(golden);
	golden->folder = folders[screen];
	golden->width = screen == SCREEN_PIPE ? 0 : 80;
	if (screen == SCREEN_CHINESE)
		assert_int_equal(language_select("zh_CN", &error), 0);
	return (struct view_style){ .out = golden->out, .width = golden->width };
}

/* No line is wider than its screen, none ends with a space. */
static void keeps_to_screen(const struct golden *golden)
{
	const char *text = golden->file.text;

	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = calloc(1, length + 1);

		assert_non_null(line);
		memcpy(line, text, length);
		/* A colour takes no column, but text_width() counts it as it would be shown. */
		if (golden->width && !strchr(line, '\033'))
			assert_that(text_width(line) <= golden->width, "too wide: %s", line);
		if (golden->width && length)
			assert_that(line[length - 1] != ' ', "space at the end: %s", line);
		free(line);
		text += length + (text[length] != '\0');
	}
}

static char *read_file(const char *path)
{
	enum { LARGEST = 1 << 20 };
	char *text = calloc(1, LARGEST);
	FILE *file = fopen(path, "rb");

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
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void golden_end(struct golden *golden, const char *name)
{
	const char *mode = getenv("PORTROOM_GOLDEN");
	char path[512], *wanted;

	memory_file_flush(&golden->file);
	language_english();
	keeps_to_screen(golden);
	snprintf(path, sizeof path, "%s/%s%s", GOLDEN, golden->folder, name);
	if (mode && !strcmp(mode, "write"))
		write_file(path, golden->file.text);
	wanted = read_file(path);
	assert_string_equal(golden->file.text, wanted);
	free(wanted);
	memory_file_close(&golden->file);
}
