#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A JSON document (RFC 8259) that somebody else wrote, taken apart by jsmn. A value is named by its place, the number
 * of its token; the document itself is 0, so that 0 also says that there is no such value.
 */
struct json_tokens {
	const char *text;
	void *items; /* of jsmn */
	size_t count;
};

enum json_kind { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_PRIMITIVE };

/*
 * Takes the text apart; the text must live as long. 0, or -1 with a sentence that says why it is no document. The
 * tokens are to be freed in both cases; they are of 20 bytes a value, of which 32 Mi are taken at most.
 */
int json_tokens_make(struct json_tokens *tokens, const char *text, size_t size,
		     struct error *error);
void json_tokens_free(struct json_tokens *tokens);

enum json_kind json_kind_of(const struct json_tokens *tokens, size_t at);
size_t json_size_of(const struct json_tokens *tokens,
		    size_t at); /* values of an array, keys of an object */

/* The first token behind a value and all that is in it. */
size_t json_behind(const struct json_tokens *tokens, size_t at);

/* The value behind a key of an object; 0: it has none. `hint`: where the key is if they come in the order in which
 * they were written; 0: nobody knows. */
size_t json_find(const struct json_tokens *tokens, size_t object, const char *key,
		 size_t hint);

bool json_is_null(const struct json_tokens *tokens, size_t at);
bool json_is_text(const struct json_tokens *tokens, size_t at, const char *text);

/* As it stands there, with escapes and without quotes. */
const char *json_raw(const struct json_tokens *tokens, size_t at, size_t *length);

/* Without escapes, in the arena. A zero byte and the halves of surrogate pairs become U+FFFD. NULL: it is no string. */
char *json_copy(const struct json_tokens *tokens, size_t at, struct arena *arena);

/* false: it is no such thing, or not within its bounds; what is pointed to is as it was. */
bool json_take_bool(const struct json_tokens *tokens, size_t at, bool *value);
bool json_take_number(const struct json_tokens *tokens, size_t at, int64_t least, int64_t most,
		      int64_t *number);
bool json_take_ratio(const struct json_tokens *tokens, size_t at, double *number);
