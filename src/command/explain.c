#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/help_words.h"
#include "command/terminal.h"
#include "diagnosis/rule.h"
#include "knowledge/sysctl_file.h"
#include "knowledge/topic.h"
#include "system/file.h"
#include "view/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * What was asked is tried in this order: the name of a rule, the name of a topic, a file, a number or
 * a message. A file is told from a word by a slash or dot in its name: nobody should have to know
 * which files lie where he stands.
 */
enum {
	LARGEST_INPUT = 1 << 20, /* bytes of a file or of standard input */
	MOST_ANSWERS = 32,	 /* of a file: further lines say nothing new to a person */
	NOT_FOUND = 1,
};

struct request {
	struct arena arena;
	struct explanation explanation;
	struct explain_answer answers[MOST_ANSWERS];
	struct sysctl_review review;
};

/* "-99" is a number here, not three options. A blank in front hides it from getopt_long(). */
static void hide_numbers(struct arena *arena, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-' && argv[i][1] >= '0' && argv[i][1] <= '9')
			argv[i] = arena_print(arena, " %s", argv[i]);
}

static char *trimmed(struct arena *arena, const char *text, size_t length)
{
	while (length && strchr(" \t\r\n", *text)) {
		text++;
		length--;
	}
	while (length && strchr(" \t\r\n", text[length - 1]))
		length--;
	return arena_copy_length(arena, text, length);
}

static char *join(struct arena *arena, int words, char **argv)
{
	const char *text = argv[1];

	for (int i = 2; i <= words; i++)
		text = arena_print(arena, "%s %s", text, argv[i]);
	return trimmed(arena, text, strlen(text));
}

static const struct rule *rule_named(struct arena *arena, const char *text)
{
	char *id = arena_copy(arena, text);

	for (char *at = id; *at; at++)
		*at = *at == '-' || *at == ' ' ? '_' :
		      *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') :
						 *at;
	return rule_find(id);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && !strcmp(text + length - wanted, end);
}

static bool has_separator(const char *text)
{
	while (*text && !file_is_separator(*text))
		text++;
	return *text;
}

/* Lines of logs have blanks; a name with a blank, or with the backslashes of Windows, counts as a file if there is one. */
static bool is_file_name(const char *text)
{
	if (!strpbrk(text, "/.") && !has_separator(text))
		return false;
	if (!strpbrk(text, " \t") && (strchr(text, '/') || ends_with(text, ".conf")))
		return true;
	return file_kind(text) == FILE_PLAIN;
}

/* Everything until the end; -1 with a sentence where it is too much or no text. */
static int read_all(struct arena *arena, int file, const char *name, char **text,
		    struct error *error)
{
	char *bytes = arena_alloc(arena, LARGEST_INPUT + 1);
	size_t size = 0;

	while (size <= LARGEST_INPUT) {
		int64_t got = file_read(file, bytes + size, LARGEST_INPUT + 1 - size);

		if (got < 0)
			return error_set(error, _("%s: cannot be read: %s"), name,
					 language_errno(errno));
		if (!got)
			break;
		size += (size_t)got;
	}
	if (size > LARGEST_INPUT)
		return error_set(error,
				 _("%s: larger than %d KiB; give the lines that matter"), name,
				 LARGEST_INPUT / 1024);
	if (memchr(bytes, '\0', size))
		return error_set(error, _("%s: not a text file (it has NUL bytes)"), name);
	bytes[size] = '\0';
	*text = bytes;
	return 0;
}

/* Without O_NONBLOCK a pipe that nobody writes to would stop us here. */
static int read_file(struct arena *arena, const char *path, char **text, struct error *error)
{
	enum file_kind kind;
	int file = file_open(path, &kind), result = -1;

	if (file < 0)
		return error_set(error, _("%s: cannot be opened: %s"), path,
				 language_errno(errno));
	if (kind == FILE_FOLDER)
		error_set(error, _("%s: is a directory; explain takes a file"), path);
	else if (kind != FILE_PLAIN)
		error_set(error, _("%s: is not a regular file; use '-' for standard input"),
			  path);
	else
		result = read_all(arena, file, path, text, error);
	file_close(file);
	return result;
}

static bool is_told(const struct request *request, const struct lookup *lookup)
{
	for (size_t i = 0; i < request->explanation.answer_count; i++) {
		const struct lookup *told = &request->answers[i].lookup;

		if (told->message == lookup->message && told->count == lookup->count &&
		    (!told->count || told->matches[0].topic == lookup->matches[0].topic))
			return true;
	}
	return false;
}

static void add_answer(struct request *request, unsigned line, const char *text,
		       const struct lookup *lookup)
{
	struct explanation *explanation = &request->explanation;

	if (explanation->answer_count == MOST_ANSWERS || is_told(request, lookup))
		return;
	request->answers[explanation->answer_count++] =
		(struct explain_answer){ .line = line, .text = text, .lookup = *lookup };
	explanation->answers = request->answers;
}

/* A line that a hundred others repeat is told once. Comments are what does not hold. */
static void explain_lines(struct request *request, const char *text)
{
	for (unsigned number = 1; *text; number++) {
		size_t length = strcspn(text, "\n");
		const char *line = trimmed(&request->arena, text, length);
		struct lookup lookup;

		if (*line && *line != '#' && *line != ';' && lookup_text(line, &lookup))
			add_answer(request, number, line, &lookup);
		text += length + (text[length] == '\n');
	}
}

/* A file of settings, or lines of a log. */
static int explain_contents(struct request *request, const char *name, const char *text,
			    struct error *error)
{
	sysctl_review_make(&request->review, text);
	if (!text[strspn(text, " \t\r\n")])
		return error_set(error, _("%s: is empty"), name);
	if (sysctl_review_is_sensible(&request->review) ||
	    sysctl_review_sets_nothing(&request->review)) {
		request->explanation.review = &request->review;
		if (request->review.too_many)
			return error_set(error, _("%s: more than %d settings"), name,
					 SYSCTL_MOST_SETTINGS);
		return 0;
	}
	explain_lines(request, text);
	if (request->explanation.answer_count)
		return 0;
	return error_set(error,
			 _("%s: no sysctl settings, and no line that portroom can explain"),
			 name);
}

static int explain_input(struct request *request, const char *input, struct error *error)
{
	bool piped = !strcmp(input, "-");
	const char *name = piped ? _("standard input") : input;
	char *text;

	if (piped ? read_all(&request->arena, 0, name, &text, error) :
		    read_file(&request->arena, input, &text, error))
		return -1;
	return explain_contents(request, name, text, error);
}

/* The nearest of all names; settings also without what stands before their last dot. */
static const char *nearest(struct arena *arena, const char *input)
{
	const char **names = lookup_names(), *found;
	char *word = arena_copy(arena, input);
	const char *ids[64] = { NULL };
	const struct topic *topic;

	for (char *at = word; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	for (size_t i = 0; rules[i] && i + 1 < sizeof ids / sizeof ids[0]; i++)
		ids[i] = rules[i]->id;
	found = text_nearest(word, ids);
	if (!found)
		found = text_nearest(word, names);
	if (!found && !strchr(word, '.'))
		found = text_nearest(arena_print(arena, "net.ipv4.%s", word), names);
	topic = found ? topic_find(found) : NULL;
	found = topic ? topic->name : arena_copy(arena, found);
	free(names);
	return found;
}

static int not_found(struct request *request, const char *input, struct error *error)
{
	enum { SHOWN = 80 };
	const char *near = nearest(&request->arena, input);
	size_t length = 0;

	/* A long line is cut, but not inside a character. */
	while (length < SHOWN && input[length]) {
		size_t next = text_utf8_length(input + length);

		length += next ? next : 1;
	}
	if (near)
		return error_set(error, _("'%s' is not known; did you mean %s?"), input, near);
	return error_set(
		error,
		_("'%.*s%s' is not known; 'portroom explain' lists what can be explained"),
		(int)length, input, input[length] ? "..." : "");
}

static int explain_words(struct request *request, const char *input, struct error *error)
{
	struct lookup lookup;

	request->explanation.rule = rule_named(&request->arena, input);
	if (request->explanation.rule)
		return 0;
	if (!strcmp(input, "-") || (!lookup_name(input, &lookup) && is_file_name(input)))
		return explain_input(request, input, error);
	if (!lookup_text(input, &lookup))
		return not_found(request, input, error);
	add_answer(request, 0, input, &lookup);
	return 0;
}

static int explain(struct request *request, const struct common_options *common, int words,
		   char **argv)
{
	struct explanation *explanation = &request->explanation;
	struct view_style style = terminal_style(common);
	struct error error;

	explanation->reader = help_reader;
	if (words) {
		explanation->input = join(&request->arena, words, argv);
		if (!*explanation->input) {
			error_set(&error, _("explain: the words are empty"));
			return command_fail(2, error.text);
		}
		if (explain_words(request, explanation->input, &error))
			return command_fail(NOT_FOUND, error.text);
	}
	if (common->json)
		explain_json(explanation, stdout);
	else
		explain_text(explanation, &style);
	return 0;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct common_options common = { 0 };
	struct request request = { 0 };
	struct error error;
	int words, status;

	hide_numbers(&request.arena, argc, argv);
	if (options_parse(command, argc, argv, &common, NULL, NULL, &words, &error))
		status = command_fail(command->usage_error, error.text);
	else if (common.help)
		command_help(command), status = 0;
	else
		status = explain(&request, &common, words, argv);
	sysctl_review_free(&request.review);
	arena_free(&request.arena);
	return status;
}

/* For completion: names without blanks, and the rules. */
static const char *words_of_explain(unsigned index)
{
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			if (!strchr(topic->name, ' ') && !index--)
				return topic->name;
	for (const struct rule *const *rule = rules; *rule; rule++)
		if (!index--)
			return (*rule)->id;
	return NULL;
}

const struct command command_explain = {
	.name = "explain",
	.summary = N_("what an error, event, setting, log line or sysctl file means"),
	.usage = "[WHAT... | FILE | -]",
	.description = help_explain,
	.status = N_("0 explained, 1 not known, 2 usage"),
	.words = words_of_explain,
	.offline = true,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
