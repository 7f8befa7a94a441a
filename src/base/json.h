#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Writes JSON as it comes (RFC 8259), so that a list of a million rows needs no memory. The writer
 * knows where commas belong; the caller gives keys inside objects and NULL inside arrays.
 * Strings may hold any bytes: what is not UTF-8 becomes U+FFFD; control characters and marks that turn
 * the direction of text are escaped, because JSON is read in terminals, too.
 */
struct json {
	FILE *out;
	int failed; /* errno of the first value that could not be written */
	unsigned depth;
	bool pretty;	 /* one key a line, indented */
	bool filled[16]; /* something was written at this depth */
	bool flat[16];	 /* this depth is written on one line */
};

void json_object(struct json *json, const char *key);
void json_row(struct json *json, const char *key); /* an object on one line */
void json_array(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_end_array(struct json *json);

void json_text(struct json *json, const char *key, const char *text); /* NULL writes null */
void json_number(struct json *json, const char *key, int64_t number);
void json_ratio(struct json *json, const char *key, double number); /* four digits */
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/* Negative stands for "not known" and becomes null, never -1. */
void json_known(struct json *json, const char *key, int64_t number);
