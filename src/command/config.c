#include "command/config.h"

#include "base/language.h"
#include "base/text.h"
#include "system/configuration.h"
#include "system/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LARGEST = 64 * 1024 };

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && strchr(" \t\r", text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

/* At the beginning or after a blank: a subject may contain one. */
static void cut_comment(char *line)
{
	for (char *at = line; (at = strchr(at, '#')); at++)
		if (at == line || at[-1] == ' ' || at[-1] == '\t') {
			*at = '\0';
			return;
		}
}

static int unknown_key(const char *place, const char *key, const char *const *keys,
		       struct error *error)
{
	const char *nearest = text_nearest(key, keys);

	if (nearest)
		return error_set(error, _("%s: '%s' cannot be set here; did you mean %s?"),
				 place, key, nearest);
	return error_set(error,
			 _("%s: '%s' cannot be set here; warning, critical and ignore "
			   "can"),
			 place, key);
}

static int take_line(const char *place, char *line, const char *const *keys,
		     int (*take)(void *context, const char *name, const char *value,
				 struct error *error),
		     void *context, struct error *error)
{
	char *equals, *key, *value;
	struct error complaint;

	cut_comment(line);
	line = trim(line);
	if (!*line)
		return 0;
	equals = strchr(line, '=');
	if (!equals)
		return error_set(error, _("%s: not a setting; write it as warning = 20%%"),
				 place);
	*equals = '\0';
	key = trim(line);
	value = trim(equals + 1);
	for (const char *const *known = keys; *known; known++)
		if (!strcmp(*known, key)) {
			if (!take(context, key, value, &complaint))
				return 0;
			return error_set(error, "%s: %s", place, complaint.text);
		}
	return unknown_key(place, key, keys, error);
}

/* A regular file, or /dev/null for none: a FIFO could keep a monitoring check waiting for ever. */
static int open_file(const char *path, struct error *error)
{
	enum file_kind kind;
	int file = file_open(path, &kind);

	if (file < 0)
		return error_set(error, _("cannot read the configuration file %.200s: %s"),
				 path, language_errno(errno));
	if (kind == FILE_PLAIN || kind == FILE_NULL)
		return file;
	file_close(file);
	return error_set(error, _("the configuration file %.200s is no regular file"), path);
}

/* errno. */
static int read_to_end(int file, char *text, size_t *length)
{
	int64_t got;

	for (*length = 0; *length <= LARGEST; *length += (size_t)got) {
		got = file_read(file, text + *length, LARGEST + 1 - *length);
		if (got < 0)
			return errno;
		if (!got)
			break;
	}
	return 0;
}

/* All of it, ended by NUL; values point into it. */
static char *read_all(const char *path, struct arena *arena, struct error *error)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	int file = open_file(path, error);
	char *text;
	size_t length;
	int failure;

	if (file < 0)
		return NULL;
	text = arena_alloc(arena, LARGEST + 2);
	failure = read_to_end(file, text, &length);
	file_close(file);
	if (failure) {
		error_set(error, _("cannot read the configuration file %.200s: %s"), path,
			  language_errno(failure));
		return NULL;
	}
	if (length > LARGEST) {
		error_set(error, _("%.200s: larger than %d KiB is no configuration file"),
			  path, LARGEST / 1024);
		return NULL;
	}
	if (strlen(text) < length) {
		error_set(error, _("%.200s: a NUL byte; this is no text file"), path);
		return NULL;
	}
	return strncmp(text, byte_order_mark, 3) ? text : text + 3;
}

int config_read(const char *path, const char *const *keys,
		int (*take)(void *context, const char *name, const char *value,
			    struct error *error),
		void *context, struct arena *arena, struct error *error)
{
	unsigned number = 0;
	char *text, *next;

	if (!path) {
		path = configuration_path();
		if (file_kind(path) == FILE_NONE && errno == ENOENT)
			return 0;
		if (configuration_refuse_foreign(error))
			return -1;
	}
	text = read_all(path, arena, error);
	if (!text)
		return -1;
	for (char *line = text; line; line = next) {
		char place[300];

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		snprintf(place, sizeof place, _("%.200s, line %u"), path, ++number);
		if (take_line(place, line, keys, take, context, error))
			return -1;
	}
	return 0;
}
