#include "source/artefact/saved/saved_value.h"

#include "snapshot/saved.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_unsigned(const struct json_tokens *tokens, size_t at, struct arena *arena,
			  uint64_t *number)
{
	const char *text = json_copy(tokens, at, arena);
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return !*end && !errno;
}

static bool read_range(const struct json_tokens *tokens, size_t at, struct arena *arena,
		       struct port_range *range)
{
	const char *text;
	unsigned first, last;
	int length = 0;

	if (json_is_null(tokens, at))
		return true;
	text = json_copy(tokens, at, arena);
	if (!text || sscanf(text, "%5u-%5u%n", &first, &last, &length) != 2 || text[length] ||
	    !first || first > last || last > 65535)
		return false;
	*range = (struct port_range){ (uint16_t)first, (uint16_t)last };
	return true;
}

bool saved_value_address(const struct json_tokens *tokens, size_t at, struct address *address,
			 struct arena *arena)
{
	const char *text;

	if (json_is_null(tokens, at))
		return true;
	text = json_copy(tokens, at, arena);
	return text && address_parse(text, address);
}

/* As portroom writes it: a port that comes again and again would cost as much each time. */
static bool is_ascending(const char *text)
{
	unsigned long last = 0, next;
	char *end;

	for (; *text; text = end + (*end == ',' || *end == '-')) {
		next = strtoul(text, &end, 10);
		if (end == text || next <= last || next > 65535)
			return false;
		last = next;
	}
	return true;
}

static bool read_ports(const struct json_tokens *tokens, size_t at, struct arena *arena,
		       struct port_set *ports)
{
	const char *text = json_copy(tokens, at, arena);

	return text && is_ascending(text) && port_set_parse(ports, text);
}

static bool read_word(const struct json_tokens *tokens, size_t at,
		      const struct saved_field *field, unsigned *value)
{
	for (unsigned i = 0; i < field->word_count; i++)
		if (field->words[i] && json_is_text(tokens, at, field->words[i])) {
			*value = i;
			return true;
		}
	return false;
}

static bool read_text(const struct json_tokens *tokens, size_t at, struct arena *arena,
		      const char **text)
{
	if (json_is_null(tokens, at))
		return true;
	*text = json_copy(tokens, at, arena);
	return *text != NULL;
}

static bool read_integer(const struct json_tokens *tokens, size_t at,
			 const struct saved_field *field, char *to)
{
	bool can_be_unknown = field->type == SAVED_I32 || field->type == SAVED_I64 ||
			      field->type == SAVED_LIMIT;
	int64_t number = -1;

	if (can_be_unknown && json_is_null(tokens, at)) {
		memcpy(to, &number,
		       field->type == SAVED_I32 ? sizeof(int32_t) : sizeof number);
		return true;
	}
	switch (field->type) {
	case SAVED_U8:
		if (!json_take_number(tokens, at, 0, UINT8_MAX, &number))
			return false;
		*(uint8_t *)to = (uint8_t)number;
		return true;
	case SAVED_U16:
		if (!json_take_number(tokens, at, 0, UINT16_MAX, &number))
			return false;
		memcpy(to, &(uint16_t){ (uint16_t)number }, sizeof(uint16_t));
		return true;
	case SAVED_U32:
		if (!json_take_number(tokens, at, 0, UINT32_MAX, &number))
			return false;
		memcpy(to, &(uint32_t){ (uint32_t)number }, sizeof(uint32_t));
		return true;
	case SAVED_I32:
		if (!json_take_number(tokens, at, 0, INT32_MAX, &number))
			return false;
		memcpy(to, &(int32_t){ (int32_t)number }, sizeof(int32_t));
		return true;
	default:
		if (!json_take_number(tokens, at, 0,
				      field->type == SAVED_LIMIT ? INT64_MAX : SAVED_MOST,
				      &number))
			return false;
		memcpy(to, &number, sizeof number);
		return true;
	}
}

bool saved_value_read(const struct json_tokens *tokens, size_t at,
		      const struct saved_field *field, void *item, struct arena *arena)
{
	char *to = (char *)item + field->offset;
	unsigned word;

	switch (field->type) {
	case SAVED_BOOL:
		return json_take_bool(tokens, at, (bool *)to);
	case SAVED_U64:
		return read_unsigned(tokens, at, arena, (uint64_t *)(void *)to);
	case SAVED_DOUBLE:
		return json_take_ratio(tokens, at, (double *)(void *)to);
	case SAVED_TEXT:
		return read_text(tokens, at, arena, (const char **)(void *)to);
	case SAVED_ADDRESS:
		return saved_value_address(tokens, at, (struct address *)to, arena);
	case SAVED_PORTS:
		return read_ports(tokens, at, arena, (struct port_set *)(void *)to);
	case SAVED_RANGE:
		return read_range(tokens, at, arena, (struct port_range *)(void *)to);
	case SAVED_WORD8:
		if (!read_word(tokens, at, field, &word))
			return false;
		*(uint8_t *)to = (uint8_t)word;
		return true;
	case SAVED_WORD:
		if (!read_word(tokens, at, field, &word))
			return false;
		memcpy(to, &word, sizeof word);
		return true;
	default:
		return read_integer(tokens, at, field, to);
	}
}
