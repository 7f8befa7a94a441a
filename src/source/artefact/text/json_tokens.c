#include "source/artefact/text/json_tokens.h"

#include "base/language.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS /* else every end of a row looks for the beginning of its list */
#include <jsmn.h>

enum { LONGEST_NUMBER = 40, MOST_TOKENS = 32 << 20, DEEPEST = 32 };

static const jsmntok_t *token_at(const struct json_tokens *tokens, size_t at)
{
	return (const jsmntok_t *)tokens->items + at;
}

static size_t length_of(const jsmntok_t *token)
{
	return (size_t)(token->end - token->start);
}

/* ---- the document ---- */

static const char *why_none(int result)
{
	return result == JSMN_ERROR_PART ? _("it ends in the middle; was the file cut off?") :
					   _("it is not JSON");
}

/* jsmn goes up through all that is open at each end, so that depth costs its square; nothing that is read is deep. */
static bool is_deep(const char *text, size_t size)
{
	unsigned depth = 0;
	bool inside = false;

	for (size_t i = 0; i < size && depth <= DEEPEST; i++) {
		if (inside && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			inside = !inside;
		else if (!inside && (text[i] == '[' || text[i] == '{'))
			depth++;
		else if (!inside && (text[i] == ']' || text[i] == '}'))
			depth -= depth > 0;
	}
	return depth > DEEPEST;
}

int json_tokens_make(struct json_tokens *tokens, const char *text, size_t size,
		     struct error *error)
{
	jsmn_parser parser;
	int count;

	*tokens = (struct json_tokens){ .text = text };
	if (size > INT_MAX) /* jsmn counts with int */
		return error_set(error, _("it is too large"));
	if (is_deep(text, size))
		return error_set(error, _("it is nested too deeply"));
	jsmn_init(&parser);
	count = jsmn_parse(&parser, text, size, NULL, 0);
	if (count <= 0)
		return error_set(error, "%s", why_none(count));
	if (count > MOST_TOKENS)
		return error_set(error, _("it is too large"));
	tokens->items = memory_zeroed((size_t)count, sizeof(jsmntok_t));
	jsmn_init(&parser);
	count = jsmn_parse(&parser, text, size, tokens->items, (unsigned)count);
	if (count <= 0)
		return error_set(error, "%s", why_none(count));
	tokens->count = (size_t)count;
	return 0;
}

void json_tokens_free(struct json_tokens *tokens)
{
	free(tokens->items);
	*tokens = (struct json_tokens){ 0 };
}

enum json_kind json_kind_of(const struct json_tokens *tokens, size_t at)
{
	switch (token_at(tokens, at)->type) {
	case JSMN_OBJECT:
		return JSON_OBJECT;
	case JSMN_ARRAY:
		return JSON_ARRAY;
	case JSMN_STRING:
		return JSON_STRING;
	default:
		return JSON_PRIMITIVE;
	}
}

size_t json_size_of(const struct json_tokens *tokens, size_t at)
{
	return (size_t)token_at(tokens, at)->size;
}

size_t json_behind(const struct json_tokens *tokens, size_t at)
{
	const int end = token_at(tokens, at)->end;

	for (at++; at < tokens->count && token_at(tokens, at)->start < end;)
		at++;
	return at;
}

bool json_is_text(const struct json_tokens *tokens, size_t at, const char *text)
{
	const jsmntok_t *token = token_at(tokens, at);
	const size_t length = strlen(text);

	return token->type == JSMN_STRING && length_of(token) == length &&
	       !memcmp(tokens->text + token->start, text, length);
}

/* A key without a value is no JSON, but jsmn lets it pass: then the next key is taken for its value. */
size_t json_find(const struct json_tokens *tokens, size_t object, const char *key, size_t hint)
{
	size_t at = object + 1;

	if (json_kind_of(tokens, object) != JSON_OBJECT)
		return 0;
	if (hint && hint + 1 < tokens->count && json_is_text(tokens, hint, key))
		return hint + 1;
	for (size_t i = 0; i < json_size_of(tokens, object) && at + 1 < tokens->count; i++) {
		if (json_is_text(tokens, at, key))
			return at + 1;
		at = json_behind(tokens, at + 1);
	}
	return 0;
}

const char *json_raw(const struct json_tokens *tokens, size_t at, size_t *length)
{
	*length = length_of(token_at(tokens, at));
	return tokens->text + token_at(tokens, at)->start;
}

/* ---- text ---- */

static bool hexadecimal(const char *text, unsigned *value)
{
	static const char digits[] = "0123456789abcdef";

	*value = 0;
	for (int i = 0; i < 4; i++) {
		const char lower =
			text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] + 32) : text[i];
		const char *digit = lower ? strchr(digits, lower) : NULL;

		if (!digit)
			return false;
		*value = *value * 16 + (unsigned)(digit - digits);
	}
	return true;
}

static char *put_utf8(char *to, unsigned point)
{
	if (point < 0x80) {
		*to++ = (char)point;
		return to;
	}
	if (point < 0x800) {
		*to++ = (char)(0xc0 | point >> 6);
	} else {
		if (point < 0x10000) {
			*to++ = (char)(0xe0 | point >> 12);
		} else {
			*to++ = (char)(0xf0 | point >> 18);
			*to++ = (char)(0x80 | (point >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (point >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (point & 0x3f));
	return to;
}

/* "\ud83d\ude00": two halves are one character (RFC 8259, section 7). */
static const char *unescape_point(char **to, const char *from, unsigned point)
{
	unsigned low;

	from += 6;
	if (point >= 0xd800 && point < 0xdc00 && from[0] == '\\' && from[1] == 'u' &&
	    hexadecimal(from + 2, &low) && low >= 0xdc00 && low < 0xe000) {
		point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
		from += 6;
	}
	if (!point || (point >= 0xd800 && point < 0xe000))
		point = 0xfffd;
	*to = put_utf8(*to, point);
	return from;
}

/* What is written with a backslash. jsmn has looked at the letters and digits behind it, and a quote ends the text. */
static const char *unescape(char **to, const char *from)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter = strchr(letters, from[1]);
	unsigned point;

	if (from[1] == 'u' && hexadecimal(from + 2, &point))
		return unescape_point(to, from, point);
	if (letter && *letter)
		*(*to)++ = meant[letter - letters];
	return from + 2;
}

char *json_copy(const struct json_tokens *tokens, size_t at, struct arena *arena)
{
	const jsmntok_t *token = token_at(tokens, at);
	const char *from = tokens->text + token->start, *end = tokens->text + token->end;
	char *text, *to;

	if (token->type != JSMN_STRING)
		return NULL;
	/* No escape is shorter than what it stands for, no byte longer than a mark. */
	text = to = arena_alloc(arena, 3 * length_of(token) + 1);
	while (from < end) {
		if (*from == '\\' && from + 1 < end) {
			from = unescape(&to, from);
		} else if (*from) {
			*to++ = *from++;
		} else {
			to = put_utf8(to, 0xfffd);
			from++;
		}
	}
	*to = '\0';
	return text;
}

/* ---- what is no text ---- */

static bool is_word(const struct json_tokens *tokens, size_t at, const char *word)
{
	const jsmntok_t *token = token_at(tokens, at);

	return token->type == JSMN_PRIMITIVE && length_of(token) == strlen(word) &&
	       !memcmp(tokens->text + token->start, word, strlen(word));
}

bool json_is_null(const struct json_tokens *tokens, size_t at)
{
	return is_word(tokens, at, "null");
}

bool json_take_bool(const struct json_tokens *tokens, size_t at, bool *value)
{
	if (!is_word(tokens, at, "true") && !is_word(tokens, at, "false"))
		return false;
	*value = is_word(tokens, at, "true");
	return true;
}

static bool copy_digits(const struct json_tokens *tokens, size_t at,
			char digits[LONGEST_NUMBER])
{
	const jsmntok_t *token = token_at(tokens, at);
	const char *text = tokens->text + token->start;

	if (token->type != JSMN_PRIMITIVE || length_of(token) >= LONGEST_NUMBER ||
	    (*text != '-' && (*text < '0' || *text > '9')))
		return false;
	memcpy(digits, text, length_of(token));
	digits[length_of(token)] = '\0';
	return true;
}

bool json_take_number(const struct json_tokens *tokens, size_t at, int64_t least, int64_t most,
		      int64_t *number)
{
	char digits[LONGEST_NUMBER], *end;
	int64_t found;

	if (!copy_digits(tokens, at, digits))
		return false;
	errno = 0;
	found = strtoll(digits, &end, 10);
	if (*end || errno || found < least || found > most)
		return false;
	*number = found;
	return true;
}

bool json_take_ratio(const struct json_tokens *tokens, size_t at, double *number)
{
	char digits[LONGEST_NUMBER], *end;
	double found;

	if (!copy_digits(tokens, at, digits))
		return false;
	found = strtod(digits, &end);
	if (*end || !(found >= 0 && found < 1e15))
		return false;
	*number = found;
	return true;
}
