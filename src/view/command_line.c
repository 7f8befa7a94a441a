#include "view/command_line.h"

#include "base/arena.h"
#include "snapshot/process.h"

#include <stdbool.h>
#include <string.h>

static const char *last_part(const char *path, size_t length)
{
	const char *part = path;

	for (const char *at = path; at < path + length; at++)
		if (*at == '/')
			part = at + 1;
	return part;
}

static bool ends_name(const char *rest)
{
	rest += strncmp(rest, "js", 2) ? 0 : 2; /* Debian's node was nodejs */
	rest += strspn(rest, "0123456789.-");
	return !*rest || !strcmp(rest, " (deleted)");
}

/* "python3.11" is python, "javac" is no java. */
static bool is_interpreter(const char *path, const char *name)
{
	static const char *const names[] = { "python", "pypy", "java",	 "node", "ruby",
					     "php",    "perl", "dotnet", NULL };
	const char *file = path ? last_part(path, strlen(path)) : name;

	for (const char *const *each = names; file && *each; each++)
		if (!strncmp(file, *each, strlen(*each)) && ends_name(file + strlen(*each)))
			return true;
	return false;
}

static const char *skip_word(const char *text)
{
	text += strcspn(text, " ");
	return text + strspn(text, " ");
}

static bool is_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	return !strncmp(text, word, length) && (text[length] == ' ' || !text[length]);
}

/* Options of the virtual machine often fill a page before the class comes. */
static const char *skip_java_options(const char *arguments)
{
	static const char *const with_value[] = { "-cp", "-classpath",	  "--class-path",
						  "-p",	 "--module-path", "--add-opens",
						  NULL };
	const char *at = arguments;

	while (*at == '-' && !is_word(at, "-jar") && !is_word(at, "-m")) {
		for (const char *const *each = with_value; *each; each++)
			if (is_word(at, *each)) {
				at = skip_word(at);
				break;
			}
		at = skip_word(at);
	}
	return *at ? at : arguments;
}

/* What comes behind the script may be a password, and a screen is shown to others. A word that begins
 * with a dash is the interpreter's; -m, -jar and the like name what is run by the next one. */
static const char *up_to_script(struct arena *arena, const char *arguments)
{
	const char *at = arguments;

	while (*at == '-')
		at = skip_word(at);
	at += strcspn(at, " ");
	return arena_copy_length(arena, arguments, (size_t)(at - arguments));
}

const char *command_line_of_script(struct arena *arena, const struct process *process)
{
	const char *line = process->command_line, *program, *arguments;
	size_t length;

	if (!line || !is_interpreter(process->executable, process->name))
		return NULL;
	length = strcspn(line, " ");
	arguments = skip_word(line);
	if (!*arguments)
		return NULL;
	program = last_part(line, length);
	length -= (size_t)(program - line);
	if (length == 4 && !strncmp(program, "java", length))
		arguments = skip_java_options(arguments);
	/* A title that the program gave itself is made to be shown. */
	if (program[length - 1] != ':')
		arguments = up_to_script(arena, arguments);
	return arena_print(arena, "%.*s %s", (int)length, program, arguments);
}
