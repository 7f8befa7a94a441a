#pragma once

#include "source/artefact/text/json_tokens.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct artefact_input;
struct dossier;

/*
 * What portroom has written itself, a JSON object a line, and reads again: how such a file is recognised, and what stands
 * behind a key of an object. What is not there, or is no such value, is not known.
 */

/* Whether the file begins with a line of that schema. UTF-16 is none the less: `>>` of Windows PowerShell 5 makes it so. */
bool own_lines_are(const struct artefact_input *input, const char *schema);

/* From 0 to `most`; `otherwise`: it is not there. */
int64_t own_number(const struct json_tokens *tokens, size_t object, const char *key,
		   int64_t most, int64_t otherwise);

bool own_flag(const struct json_tokens *tokens, size_t object, const char *key,
	      bool otherwise);

/* As the dossier keeps it; NULL: it is not there. */
const char *own_text(const struct json_tokens *tokens, size_t object, const char *key,
		     struct dossier *dossier);

bool own_text_is(const struct json_tokens *tokens, size_t object, const char *key,
		 const char *text);

/* Which machine wrote the line, and with it of which system it is; the rules of the two differ. */
void own_host(const struct json_tokens *tokens, struct dossier *dossier);

/* Milliseconds since 1970 UTC; 0: it is not there. */
int64_t own_time(const struct json_tokens *tokens, size_t object, const char *key);
