#include "base/json.h"

#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static void new_line(struct json *json)
{
	if (!json->pretty || json->flat[json->depth]) {
		if (json->pretty && json->filled[json->depth])
			fputc(' ', json->out);
		return;
	}
	fputc('\n', json->out);
	for (unsigned i = 0; i < json->depth; i++)
		fputs("  ", json->out);
}

/* Of a well-formed sequence of two or three bytes. */
static unsigned code_point(const char *text, size_t length)
{
	unsigned value = (unsigned char)text[0] & (length == 2 ? 0x1f : 0x0f);

	for (size_t i = 1; i < length; i++)
		value = value << 6 | ((unsigned char)text[i] & 0x3f);
	return value;
}

static void write_string(struct json *json, const char *text)
{
	fputc('"', json->out);
	while (*text) {
		unsigned char byte = (unsigned char)*text;
		size_t length = text_utf8_length(text);

		if (byte == '"' || byte == '\\')
			fprintf(json->out, "\\%c", byte);
		else if (byte < 0x20 || byte == 0x7f)
			fprintf(json->out, "\\u%04x", byte);
		else if (!length)
			fputs("\\ufffd", json->out);
		else if (text_steers_terminal(text, length))
			fprintf(json->out, "\\u%04x", code_point(text, length));
		else
			fwrite(text, 1, length, json->out);
		text += length ? length : 1;
	}
	fputc('"', json->out);
}

static void begin_value(struct json *json, const char *key)
{
	if (json->depth) {
		if (json->filled[json->depth])
			fputc(',', json->out);
		new_line(json);
	}
	json->filled[json->depth] = true;
	if (key) {
		write_string(json, key);
		fputs(json->pretty ? ": " : ":", json->out);
	}
}

/* Only now is errno that of the write: a stream remembers that it failed, but not why. */
static void end_value(struct json *json)
{
	if (!json->failed && ferror(json->out))
		json->failed = errno;
}

static void open_scope(struct json *json, const char *key, char bracket, bool flat)
{
	begin_value(json, key);
	fputc(bracket, json->out);
	assert(json->depth + 1 < sizeof json->filled / sizeof json->filled[0]);
	flat = flat || json->flat[json->depth];
	json->depth++;
	json->filled[json->depth] = false;
	json->flat[json->depth] = flat;
	end_value(json);
}

static void close_scope(struct json *json, char bracket)
{
	bool filled = json->filled[json->depth], flat = json->flat[json->depth];

	json->depth--;
	if (filled && !flat)
		new_line(json);
	fputc(bracket, json->out);
	if (!json->depth)
		fputc('\n', json->out);
	end_value(json);
}

void json_object(struct json *json, const char *key)
{
	open_scope(json, key, '{', false);
}

void json_row(struct json *json, const char *key)
{
	open_scope(json, key, '{', true);
}

void json_array(struct json *json, const char *key)
{
	open_scope(json, key, '[', false);
}

void json_end_object(struct json *json)
{
	close_scope(json, '}');
}

void json_end_array(struct json *json)
{
	close_scope(json, ']');
}

void json_text(struct json *json, const char *key, const char *text)
{
	begin_value(json, key);
	if (text)
		write_string(json, text);
	else
		fputs("null", json->out);
	end_value(json);
}

void json_number(struct json *json, const char *key, int64_t number)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRId64, number);
	end_value(json);
}

/* printf's %f follows the locale's decimal mark; JSON does not. */
void json_ratio(struct json *json, const char *key, double number)
{
	int64_t parts = (int64_t)(number * 10000 + (number < 0 ? -0.5 : 0.5));
	int64_t size = parts < 0 ? -parts : parts;

	begin_value(json, key);
	fprintf(json->out, "%s%" PRId64 ".%04" PRId64, parts < 0 ? "-" : "", size / 10000,
		size % 10000);
	end_value(json);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	fputs(value ? "true" : "false", json->out);
	end_value(json);
}

void json_null(struct json *json, const char *key)
{
	begin_value(json, key);
	fputs("null", json->out);
	end_value(json);
}

void json_known(struct json *json, const char *key, int64_t number)
{
	if (number < 0)
		json_null(json, key);
	else
		json_number(json, key, number);
}
