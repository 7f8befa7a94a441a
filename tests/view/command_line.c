#include "view/command_line.h"

#include "base/arena.h"
#include "diagnosis/machine.h"

#include <string.h>

/* "" where nothing is to be shown. */
static void shows(const char *executable, const char *name, const char *line,
		  const char *wanted)
{
	struct process process = { .executable = executable,
				   .name = name,
				   .command_line = line };
	struct arena arena = { 0 };
	const char *text = command_line_of_script(&arena, &process);

	assert_string_equal(text ? text : "", wanted);
	arena_free(&arena);
}

TEST(of_an_interpreter_the_script_is_shown)
{
	shows("/usr/bin/python3.11", "python3", "/usr/bin/python3 /opt/app/billing.py --prod",
	      "python3 /opt/app/billing.py");
	shows("/usr/bin/python3.11", "python3", "python3 -u a.py --password=x",
	      "python3 -u a.py");
	shows("/usr/bin/python3.11", "python3", "python3 -m http.server 80",
	      "python3 -m http.server");
	shows("/usr/bin/python3.11 (deleted)", "x", "python3 a.py", "python3 a.py");
	shows("/usr/bin/nodejs", "MainThread", "node server.js", "node server.js");
	shows("/usr/bin/php8.2", "php", "php artisan queue:work", "php artisan");
	shows(NULL, "ruby", "ruby bin/rails s", "ruby bin/rails");
	shows("/usr/bin/python3.11", "gunicorn", "gunicorn: master [billing]",
	      "gunicorn: master [billing]");
}

TEST(of_other_programs_the_name_says_enough)
{
	shows("/usr/sbin/nginx", "nginx", "nginx: worker process", "");
	shows("/usr/sbin/php-fpm8.2", "php-fpm8.2", "php-fpm: pool www", "");
	shows("/usr/bin/javac", "javac", "javac A.java", "");
	shows("/usr/bin/python3.11", "python3", "python3", "");
	shows("/usr/bin/python3.11", "python3", "/usr/bin/python3 ", "");
	shows("/usr/bin/python3.11", "python3", NULL, "");
	shows(NULL, NULL, "python3 a.py", "");
}

TEST(options_of_java_are_left_out)
{
	shows("/usr/lib/jvm/17/bin/java", "java",
	      "/usr/bin/java -Xmx4g -Dlog=/var/log -cp /opt/a.jar:/opt/b.jar com.example.Main "
	      "-p 80",
	      "java com.example.Main");
	shows("/usr/bin/java", "java", "java -Xmx1g -jar app.jar --prod", "java -jar app.jar");
	shows("/usr/bin/java", "java", "java -XshowSettings", "java -XshowSettings");
	shows("/usr/bin/java", "java", "java -cp", "java -cp");
}

SUITE(command_line, cmocka_unit_test(of_an_interpreter_the_script_is_shown),
      cmocka_unit_test(of_other_programs_the_name_says_enough),
      cmocka_unit_test(options_of_java_are_left_out));
