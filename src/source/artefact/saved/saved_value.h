#pragma once

#include "snapshot/address.h"
#include "source/artefact/text/json_tokens.h"

struct saved_field;

/*
 * One value of a saved snapshot into its place in `item`, text into the arena; a set of ports is the
 * caller's to free. false: it is none that the field may have.
 */
bool saved_value_read(const struct json_tokens *tokens, size_t at,
		      const struct saved_field *field, void *item, struct arena *arena);

bool saved_value_address(const struct json_tokens *tokens, size_t at, struct address *address,
			 struct arena *arena);
