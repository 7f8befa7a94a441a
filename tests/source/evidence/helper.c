#include "source/evidence/helper.h"

#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct helper_program program = { "portroom-test", "no-package", "nothing" };

/* A script in the place of the program: what it does, and how that is told. */
static int run(const char *script, int input, int silence_ms, struct error *error)
{
	static struct helper helper;
	struct helper_limits limits = helper_usual_limits;
	char path[] = "/tmp/portroom-helper-XXXXXX";
	struct frame frame;
	int fd = mkstemp(path), result, frames = 0;

	assert_true(fd >= 0);
	dprintf(fd, "#!/bin/sh\n%s\n", script);
	fchmod(fd, 0700);
	close(fd);
	limits.silence_ms = silence_ms;
	error->text[0] = '\0';
	assert_int_equal(helper_start(&helper, &program, path, input, &limits, error), 0);
	while ((result = helper_next(&helper, &frame, error)) > 0)
		frames++;
	helper_end(&helper);
	unlink(path);
	return result ? -1 : frames;
}

static int run_on_nothing(const char *script, struct error *error)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int frames = run(script, null, 10000, error);

	close(null);
	return frames;
}

TEST(frames_of_a_program_arrive)
{
	struct error error;

	assert_int_equal(
		run_on_nothing("printf 'M\\0\\0\\0\\010\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0'; "
			       "printf 'E\\0\\0\\0\\0\\0\\0\\0W\\0\\0\\0\\0\\0\\0\\0'",
			       &error),
		3);
	assert_string_equal(error.text, "");
}

static void assert_told(const char *script, const char *words)
{
	struct error error;

	assert_int_equal(run_on_nothing(script, &error), -1);
	assert_that(strstr(error.text, words), "%s: %s", script, error.text);
}

TEST(an_end_before_the_end_is_told)
{
	assert_told("exit 0", "ended before it had told all");
	assert_told("kill -SEGV $$", "broke down on it (signal 11)");
	assert_told("kill -KILL $$", "or was killed");
	assert_told("printf 'W\\0\\0\\0\\001\\0\\0\\0'", "ended before");
}

TEST(nonsense_is_told)
{
	assert_told("echo some words that are no frame", "makes no sense");
	assert_told("printf 'D\\0\\0\\0\\001\\0\\0\\0x'", "makes no sense");
}

TEST(silence_ends_it)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct error error;

	assert_int_equal(run("sleep 60", null, 200, &error), -1);
	assert_non_null(strstr(error.text, "told nothing for"));
	close(null);
}

TEST(it_gets_three_descriptors_and_no_environment)
{
	int null = open("/dev/null", O_RDONLY); /* not closed by itself */
	struct error error;

	/* The fourth is the folder that ls reads. */
	assert_int_equal(run("[ \"$(ls /proc/self/fd | tr '\\n' ' ')\" = '0 1 2 3 ' ] && "
			     "[ ! \"${HOME-}\" ] && printf 'W\\0\\0\\0\\0\\0\\0\\0'",
			     null, 10000, &error),
			 1);
	close(null);
}

TEST(it_can_write_no_file)
{
	struct error error;

	assert_int_equal(
		run_on_nothing("f=/tmp/portroom-helper-written-$$; "
			       "(trap '' XFSZ; echo x >$f) 2>/dev/null; "
			       "[ ! -s $f ] && printf 'W\\0\\0\\0\\0\\0\\0\\0'; rm -f $f",
			       &error),
		1);
}

TEST(a_program_that_is_not_there_is_named_with_its_package)
{
	char path[4096];
	struct error error;

	assert_int_equal(helper_find(&program, path, sizeof path, &error), -1);
	assert_non_null(strstr(error.text, "portroom-test"));
	assert_non_null(strstr(error.text, "no-package"));
	assert_non_null(strstr(error.text, "-Dnothing=enabled"));
}

SUITE(helper, cmocka_unit_test(frames_of_a_program_arrive),
      cmocka_unit_test(an_end_before_the_end_is_told), cmocka_unit_test(nonsense_is_told),
      cmocka_unit_test(silence_ends_it),
      cmocka_unit_test(it_gets_three_descriptors_and_no_environment),
      cmocka_unit_test(it_can_write_no_file),
      cmocka_unit_test(a_program_that_is_not_there_is_named_with_its_package));
