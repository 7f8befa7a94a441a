#include "source/artefact/text/json_objects.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include <stdlib.h>
#include <string.h>

struct scanning {
	unsigned depth; /* of what is open, the object itself is 1 */
	bool quoted;	/* within a string */
	bool escaped;	/* behind a backslash in it */
};

static const char wrapping[] = "{\"value\":";

enum { GIVE_BACK_BYTES = 1 << 22 };

void json_objects_begin(struct json_objects *objects, const struct artefact_input *input)
{
	*objects = (struct json_objects){ 0 };
	lines_begin(&objects->lines, input->bytes, input->size);
	objects->lines.input = input;
}

void json_objects_end(struct json_objects *objects)
{
	lines_end(&objects->lines);
	free(objects->text);
}

static void put(struct json_objects *objects, const char *utf8, size_t length)
{
	if (objects->length + length > OBJECT_MOST) {
		objects->length = OBJECT_MOST + 1; /* it is known to be too long */
		return;
	}
	while (objects->length + length > objects->capacity) {
		objects->capacity = objects->capacity ? 2 * objects->capacity : 4096;
		objects->text = memory_resize(objects->text, objects->capacity, 1);
	}
	memcpy(objects->text + objects->length, utf8, length);
	objects->length += length;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What was read so far but blanks is the beginning of a list that was wrapped. */
static bool is_wrapping(const struct json_objects *objects)
{
	size_t at = 0;

	for (size_t i = 0; i < objects->length; i++) {
		if (is_space(objects->text[i]))
			continue;
		if (at + 1 >= sizeof wrapping || objects->text[i] != wrapping[at])
			return false;
		at++;
	}
	return at + 1 == sizeof wrapping;
}

static void scan(struct scanning *scanning, char c)
{
	if (scanning->escaped)
		scanning->escaped = false;
	else if (scanning->quoted && c == '\\')
		scanning->escaped = true;
	else if (c == '"')
		scanning->quoted = !scanning->quoted;
	else if (!scanning->quoted && (c == '{' || c == '['))
		scanning->depth++;
	else if (!scanning->quoted && (c == '}' || c == ']'))
		scanning->depth--;
}

/* Reads to the end of the object that has begun. false: its beginning was that of a list, or the text is over. */
static bool read_object(struct json_objects *objects)
{
	struct scanning scanning = { .depth = 1 };
	char utf8[4];
	size_t length;

	objects->offset = objects->lines.at - 1;
	objects->length = 0;
	put(objects, "{", 1);
	while (scanning.depth) {
		length = lines_character(&objects->lines, utf8);
		if (!length) {
			objects->cut = true;
			return false;
		}
		if (*utf8 == '[' && scanning.depth == 1 && !scanning.quoted &&
		    objects->length < 64 && is_wrapping(objects)) {
			objects->wrapped = true;
			return false;
		}
		scan(&scanning, *utf8);
		put(objects, utf8, length);
	}
	if (objects->length <= OBJECT_MOST)
		return true;
	objects->passed_over++;
	return false;
}

/* An object that was found is a copy. */
static void give_back(struct json_objects *objects)
{
	const struct artefact_input *input = objects->lines.input;

	if (!input->passed || objects->lines.at - objects->given_back < GIVE_BACK_BYTES)
		return;
	objects->given_back = objects->lines.at;
	input->passed(input, objects->given_back);
}

bool json_objects_next(struct json_objects *objects)
{
	char utf8[4];

	give_back(objects);
	while (lines_character(&objects->lines, utf8)) {
		if (*utf8 == '{' && read_object(objects))
			return true;
		if (*utf8 != '{' && !objects->wrapped && !objects->strange &&
		    !memchr(" \t\r\n,[]", *utf8, 7)) {
			objects->strange = true;
			objects->strange_at = objects->lines.at - 1;
		}
	}
	return false;
}

void json_objects_note(const struct json_objects *objects, struct dossier *dossier)
{
	if (objects->cut)
		dossier_note(
			dossier,
			_("it ends within the object at byte %llu; was the file cut off?"),
			(unsigned long long)objects->offset);
	if (objects->strange)
		dossier_note(dossier, _("byte %llu: something between objects is no JSON"),
			     (unsigned long long)objects->strange_at);
	if (objects->passed_over)
		dossier_note(dossier, _("an object of more than %d bytes was passed over"),
			     OBJECT_MOST);
}
