#include "suite.h"

#include "knowledge/programs.h"

#include <string.h>

static void expect(const char *executable, const char *name, const char *title)
{
	const struct program *program = program_find(executable, name, NULL);

	if (!title)
		assert_that(!program, "%s", program->title);
	else
		assert_that(program && !strcmp(program->title, title), "%s", title);
}

TEST(programs_are_known_by_executable_or_by_name)
{
	expect("/usr/sbin/nginx", NULL, "nginx");
	expect(NULL, "nginx", "nginx");
	expect("/opt/own/wrapper", "haproxy", "HAProxy");
	expect("/usr/bin/python3.11", "app", "Python");
	expect("/usr/sbin/php-fpm8.2", NULL, "PHP");
	expect("/usr/lib/jvm/java-17/bin/java", NULL, "Java");
	expect("/usr/bin/docker-proxy", NULL, "Docker");
}

TEST(strangers_are_not_known)
{
	expect("/usr/bin/nginxlike", NULL, NULL);
	expect("", "", NULL);
	expect(NULL, NULL, NULL);
	expect("/usr/bin/go", "billing", NULL);
	expect("/usr/sbin/", NULL, NULL);
}

TEST(the_executable_goes_before_the_name)
{
	expect("/usr/sbin/nginx", "java", "nginx");
}

static void expect_runtime(const char *executable, const char *name, const char *runtime,
			   const char *title)
{
	const struct program *program = program_find(executable, name, runtime);

	assert_that(program && !strcmp(program->title, title), "%s", title);
}

TEST(who_has_no_name_is_known_by_the_runtime)
{
	expect_runtime("/opt/x/billing", "billing", "Go", "Go");
	expect_runtime("/opt/x/billing", "billing", ".NET", ".NET");
	expect_runtime("/opt/x/billing", "billing", "Java", "Java");
	expect_runtime(NULL, NULL, "Go", "Go");
}

TEST(names_go_before_the_runtime)
{
	expect_runtime("/usr/bin/caddy", "caddy", "Go", "Caddy");
	expect_runtime("/usr/bin/caddy (deleted)", "caddy", "Go", "Caddy");
}

TEST(advice_is_by_kind_of_trouble)
{
	assert_non_null(
		strstr(program_advice("/usr/sbin/nginx", NULL, NULL, ADVICE_KEEP_ALIVE),
		       "keepalive 32;"));
	assert_non_null(strstr(program_advice(NULL, "haproxy", NULL, ADVICE_KEEP_ALIVE),
			       "http-reuse always"));
	assert_null(program_advice(NULL, "ab", NULL, ADVICE_TIMEOUT));
	assert_null(program_advice(NULL, "unheard-of", NULL, ADVICE_KEEP_ALIVE));
	for (int kind = 0; kind < ADVICE_KIND_COUNT; kind++)
		assert_non_null(advice_name(kind));
}

SUITE(programs, cmocka_unit_test(programs_are_known_by_executable_or_by_name),
      cmocka_unit_test(strangers_are_not_known),
      cmocka_unit_test(the_executable_goes_before_the_name),
      cmocka_unit_test(who_has_no_name_is_known_by_the_runtime),
      cmocka_unit_test(names_go_before_the_runtime),
      cmocka_unit_test(advice_is_by_kind_of_trouble));
