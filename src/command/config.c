#include "command/config.h"

#include "base/language.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char config_default_path[] = PORTROOM_SYSCONFDIR "/portroom.conf";

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

	line[strcspn(line, "#")] = '\0';
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

/* All of it, ended by NUL */
static char *read_all(const char *path, struct arena *arena, struct error *error)
{
	FILE *file = fopen(path, "re");
	struct stat status;
	char *text = NULL;
	size_t length;

	if (!file) {
		error_set(error, _("cannot read the configuration file %s: %s"), path,
			  language_errno(errno));
		return NULL;
	}
	text = arena_alloc(arena, LARGEST + 2);
	length = fread(text, 1, LARGEST + 1, file);
	if (ferror(file) || (!fstat(fileno(file), &status) && S_ISDIR(status.st_mode)))
		error_set(error, _("cannot read the configuration file %s: %s"), path,
			  language_errno(ferror(file) ? errno : EISDIR));
	else if (length > LARGEST)
		error_set(error, _("%s: larger than %d KiB is no configuration file"), path,
			  LARGEST / 1024);
	else if (strlen(text) < length)
		error_set(error, _("%s: a NUL byte; this is no text file"), path);
	else {
		fclose(file);
		return text;
	}
	fclose(file);
	return NULL;
}

int config_read(const char *path, const char *const *keys,
		int (*take)(void *context, const char *name, const char *value,
			    struct error *error),
		void *context, struct arena *arena, struct error *error)
{
	struct stat status;
	unsigned number = 0;
	char *text, *next;

	if (!path && stat(config_default_path, &status) && errno == ENOENT)
		return 0;
	if (!path)
		path = config_default_path;
	text = read_all(path, arena, error);
	if (!text)
		return -1;
	for (char *line = text; line; line = next) {
		char place[300];

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		snprintf(place, sizeof place, _("%.250s, line %u"), path, ++number);
		if (take_line(place, line, keys, take, context, error))
			return -1;
	}
	return 0;
}
