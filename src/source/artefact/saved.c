#include "source/artefact/saved.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/saved.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS /* else every end of a row looks for the beginning of its list */
#include <jsmn.h>

#define SCHEMA "portroom.snapshot/1"

/* A whole file is held in memory, with a token for each value: some gigabytes would be somebody's mistake. */
enum { MOST_TOKENS = 64 << 20, LONGEST_NUMBER = 40 };

struct reader {
	const char *name, *text;
	const jsmntok_t *tokens;
	size_t count;
	struct snapshot *snapshot;
	struct error *error;
	const char *table; /* where it is, for a sentence */
	size_t row;
};

static int fail(struct reader *reader, const char *key, const char *what)
{
	return error_set(reader->error, _("%s: %s, row %zu, %s: %s"), reader->name,
			 reader->table, reader->row + 1, key, what);
}

/* ---- tokens ---- */

/* The first token behind a value and all that is in it. */
static size_t behind(const struct reader *reader, size_t at)
{
	int end = reader->tokens[at].end;

	for (at++; at < reader->count && reader->tokens[at].start < end;)
		at++;
	return at;
}

static bool is_key(const struct reader *reader, size_t at, const char *key)
{
	const jsmntok_t *token = &reader->tokens[at];
	size_t length = strlen(key);

	return token->type == JSMN_STRING && (size_t)(token->end - token->start) == length &&
	       !memcmp(reader->text + token->start, key, length);
}

/* The value behind a key of an object; 0: it has none (the first token is the document). `hint`: where it is if the
 * keys come in the order in which they were written. */
static size_t find_value(const struct reader *reader, size_t object, const char *key,
			 size_t hint)
{
	size_t at = object + 1;

	if (hint && hint + 1 < reader->count && is_key(reader, hint, key))
		return hint + 1;
	for (int i = 0; i < reader->tokens[object].size && at + 1 < reader->count; i++) {
		if (is_key(reader, at, key))
			return at + 1;
		at = behind(reader, at + 1);
	}
	return 0;
}

static bool is_null(const struct reader *reader, size_t at)
{
	return reader->tokens[at].type == JSMN_PRIMITIVE &&
	       reader->text[reader->tokens[at].start] == 'n';
}

/* ---- text ---- */

static bool hexadecimal(const char *text, unsigned *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++) {
		char digit = text[i];
		unsigned part = digit >= '0' && digit <= '9' ? (unsigned)(digit - '0') :
				digit >= 'a' && digit <= 'f' ? (unsigned)(digit - 'a') + 10 :
				digit >= 'A' && digit <= 'F' ? (unsigned)(digit - 'A') + 10 :
							       16;

		if (part > 15)
			return false;
		*value = *value * 16 + part;
	}
	return true;
}

static char *put_utf8(char *to, unsigned point)
{
	if (point < 0x80) {
		*to++ = (char)point;
	} else if (point < 0x800) {
		*to++ = (char)(0xc0 | point >> 6);
		*to++ = (char)(0x80 | (point & 0x3f));
	} else {
		*to++ = (char)(0xe0 | point >> 12);
		*to++ = (char)(0x80 | (point >> 6 & 0x3f));
		*to++ = (char)(0x80 | (point & 0x3f));
	}
	return to;
}

/* What is written with a backslash; a half of a pair (RFC 8259, section 7) becomes what nobody can print. */
static const char *unescape(char **to, const char *from)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter = strchr(letters, from[1]);
	unsigned point;

	if (from[1] == 'u' && hexadecimal(from + 2, &point)) {
		if (!point || (point >= 0xd800 && point < 0xe000))
			point = 0xfffd;
		*to = put_utf8(*to, point);
		return from + 6;
	}
	if (letter && *letter)
		*(*to)++ = meant[letter - letters];
	return from + 2;
}

static char *copy_text(struct reader *reader, size_t at)
{
	const jsmntok_t *token = &reader->tokens[at];
	const char *from = reader->text + token->start, *end = reader->text + token->end;
	/* No escape is shorter than what it stands for. */
	char *text = arena_alloc(&reader->snapshot->arena, (size_t)(end - from) + 1),
	     *to = text;

	while (from < end) {
		if (*from == '\\' && from + 1 < end)
			from = unescape(&to, from);
		else
			*to++ = *from++;
	}
	*to = '\0';
	return text;
}

/* ---- values ---- */

static bool read_number(const struct reader *reader, size_t at, int64_t least, int64_t most,
			int64_t *number)
{
	const jsmntok_t *token = &reader->tokens[at];
	size_t length = (size_t)(token->end - token->start);
	char digits[LONGEST_NUMBER], *end;

	if (token->type != JSMN_PRIMITIVE || length >= sizeof digits)
		return false;
	memcpy(digits, reader->text + token->start, length);
	digits[length] = '\0';
	*number = strtoll(digits, &end, 10);
	return end != digits && !*end && *number >= least && *number <= most;
}

static bool read_unsigned(struct reader *reader, size_t at, uint64_t *number)
{
	const char *text;
	char *end;

	if (reader->tokens[at].type != JSMN_STRING)
		return false;
	text = copy_text(reader, at);
	*number = strtoull(text, &end, 10);
	return end != text && !*end && *text >= '0' && *text <= '9';
}

static bool read_double(const struct reader *reader, size_t at, double *number)
{
	const jsmntok_t *token = &reader->tokens[at];
	size_t length = (size_t)(token->end - token->start);
	char digits[LONGEST_NUMBER], *end;

	if (token->type != JSMN_PRIMITIVE || length >= sizeof digits)
		return false;
	memcpy(digits, reader->text + token->start, length);
	digits[length] = '\0';
	*number = strtod(digits, &end);
	return end != digits && !*end && *number >= 0 && *number < 1e15;
}

static bool read_bool(const struct reader *reader, size_t at, bool *value)
{
	char first = reader->text[reader->tokens[at].start];

	*value = first == 't';
	return reader->tokens[at].type == JSMN_PRIMITIVE && (first == 't' || first == 'f');
}

static bool read_range(struct reader *reader, size_t at, struct port_range *range)
{
	unsigned first, last;
	int length = 0;
	const char *text;

	if (is_null(reader, at))
		return true;
	if (reader->tokens[at].type != JSMN_STRING)
		return false;
	text = copy_text(reader, at);
	if (sscanf(text, "%u-%u%n", &first, &last, &length) != 2 || text[length] || !first ||
	    first > last || last > 65535)
		return false;
	*range = (struct port_range){ (uint16_t)first, (uint16_t)last };
	return true;
}

static bool read_address(struct reader *reader, size_t at, struct address *address)
{
	if (is_null(reader, at))
		return true;
	return reader->tokens[at].type == JSMN_STRING &&
	       address_parse(copy_text(reader, at), address);
}

static bool read_ports(struct reader *reader, size_t at, struct port_set *ports)
{
	return reader->tokens[at].type == JSMN_STRING &&
	       port_set_parse(ports, copy_text(reader, at));
}

static bool read_word(const struct reader *reader, size_t at, const struct saved_field *field,
		      unsigned *value)
{
	for (unsigned i = 0; i < field->word_count; i++)
		if (field->words[i] && is_key(reader, at, field->words[i])) {
			*value = i;
			return true;
		}
	return false;
}

static bool read_text(struct reader *reader, size_t at, const char **text)
{
	if (is_null(reader, at))
		return true;
	if (reader->tokens[at].type != JSMN_STRING)
		return false;
	*text = copy_text(reader, at);
	return true;
}

static bool read_integer(const struct reader *reader, size_t at,
			 const struct saved_field *field, char *to)
{
	int64_t number;

	switch (field->type) {
	case SAVED_U8:
		if (!read_number(reader, at, 0, UINT8_MAX, &number))
			return false;
		*(uint8_t *)to = (uint8_t)number;
		return true;
	case SAVED_U16:
		if (!read_number(reader, at, 0, UINT16_MAX, &number))
			return false;
		memcpy(to, &(uint16_t){ (uint16_t)number }, sizeof(uint16_t));
		return true;
	case SAVED_U32:
		if (!read_number(reader, at, 0, UINT32_MAX, &number))
			return false;
		memcpy(to, &(uint32_t){ (uint32_t)number }, sizeof(uint32_t));
		return true;
	case SAVED_I32:
		if (!read_number(reader, at, INT32_MIN, INT32_MAX, &number))
			return false;
		memcpy(to, &(int32_t){ (int32_t)number }, sizeof(int32_t));
		return true;
	default:
		if (!read_number(reader, at, INT64_MIN, INT64_MAX, &number))
			return false;
		memcpy(to, &number, sizeof number);
		return true;
	}
}

static bool read_value(struct reader *reader, size_t at, const struct saved_field *field,
		       void *item)
{
	char *to = (char *)item + field->offset;
	unsigned word;

	switch (field->type) {
	case SAVED_BOOL:
		return read_bool(reader, at, (bool *)to);
	case SAVED_U64:
		return read_unsigned(reader, at, (uint64_t *)(void *)to);
	case SAVED_DOUBLE:
		return read_double(reader, at, (double *)(void *)to);
	case SAVED_TEXT:
		return read_text(reader, at, (const char **)(void *)to);
	case SAVED_ADDRESS:
		return read_address(reader, at, (struct address *)to);
	case SAVED_PORTS:
		return read_ports(reader, at, (struct port_set *)(void *)to);
	case SAVED_RANGE:
		return read_range(reader, at, (struct port_range *)(void *)to);
	case SAVED_WORD8:
		if (!read_word(reader, at, field, &word))
			return false;
		*(uint8_t *)to = (uint8_t)word;
		return true;
	case SAVED_WORD:
		if (!read_word(reader, at, field, &word))
			return false;
		memcpy(to, &word, sizeof word);
		return true;
	default:
		return read_integer(reader, at, field, to);
	}
}

static int read_item(struct reader *reader, size_t object, const struct saved_table *table,
		     void *item)
{
	size_t hint = object + 1;

	if (reader->tokens[object].type != JSMN_OBJECT)
		return fail(reader, "row", _("is no object"));
	for (size_t i = 0; i < table->field_count; i++) {
		const struct saved_field *field = &table->fields[i];
		size_t at = find_value(reader, object, field->key, hint);

		if (!at)
			return fail(reader, field->key, _("is missing"));
		if (!read_value(reader, at, field, item))
			return fail(reader, field->key, _("has no value that it may have"));
		hint = behind(reader, at);
	}
	return 0;
}

/* ---- rows ---- */

/* Sets of a row that is not taken go with it. */
static void drop(const struct saved_table *table, void *item)
{
	for (size_t i = 0; i < table->field_count; i++)
		if (table->fields[i].type == SAVED_PORTS)
			port_set_free((struct port_set *)(void *)((char *)item +
								  table->fields[i].offset));
}

typedef int take_row(struct reader *reader, size_t object, void *item);

static int read_rows(struct reader *reader, const struct saved_table *table, void *item,
		     take_row *take)
{
	size_t array = find_value(reader, 0, table->key, 0), at;

	reader->table = table->key;
	reader->row = 0;
	if (!array || reader->tokens[array].type != JSMN_ARRAY)
		return error_set(reader->error, _("%s: there is no list of %s"), reader->name,
				 table->key);
	if ((uint32_t)reader->tokens[array].size > table->most)
		return error_set(reader->error, _("%s: too many rows in %s"), reader->name,
				 table->key);
	at = array + 1;
	for (int i = 0; i < reader->tokens[array].size; i++) {
		memset(item, 0, table->size);
		reader->row = (size_t)i;
		if (read_item(reader, at, table, item) || take(reader, at, item)) {
			drop(table, item);
			return -1;
		}
		at = behind(reader, at);
	}
	return 0;
}

static bool has_netns(const struct reader *reader, int64_t index)
{
	return index >= 0 && (uint64_t)index < reader->snapshot->namespace_count;
}

static int take_netns(struct reader *reader, size_t object, void *item)
{
	struct netns *netns = item;
	size_t array = find_value(reader, object, "addresses", 0);

	if (!netns->name)
		return fail(reader, "name", _("is missing"));
	if (!array || reader->tokens[array].type != JSMN_ARRAY)
		return fail(reader, "addresses", _("is missing"));
	netns->local_address_count = (size_t)reader->tokens[array].size;
	netns->local_addresses =
		arena_alloc(&reader->snapshot->arena,
			    (netns->local_address_count + 1) * sizeof *netns->local_addresses);
	for (size_t i = 0; i < netns->local_address_count; i++)
		if (!read_address(reader, array + 1 + i, &netns->local_addresses[i]))
			return fail(reader, "addresses", _("has no value that it may have"));
	snapshot_add_netns(reader->snapshot, netns);
	return 0;
}

static int take_process(struct reader *reader, size_t object, void *item)
{
	(void)object;
	snapshot_add_process(reader->snapshot, item);
	return 0;
}

static int take_holding(struct reader *reader, size_t object, void *item)
{
	struct holding *holding = item;

	(void)object;
	if (!has_netns(reader, holding->key.netns))
		return fail(reader, "namespace", _("names no row"));
	if (owner_is_process(holding->key.owner_kind) &&
	    holding->key.owner >= reader->snapshot->process_count)
		return fail(reader, "owner", _("names no row"));
	if (holding->key.inbound > 1 || !holding->ports.count)
		return fail(reader, "ports", _("has no value that it may have"));
	if (snapshot_adopt_holding(reader->snapshot, holding))
		return fail(reader, "row", _("is there twice"));
	return 0;
}

static int take_nat_tuple(struct reader *reader, size_t object, void *item)
{
	struct nat *nat = &reader->snapshot->nat;
	struct nat_tuple *tuple = item;

	(void)object;
	if (!has_netns(reader, tuple->key.netns))
		return fail(reader, "namespace", _("names no row"));
	array_reserve(nat->tuples, nat->tuple_count, nat->tuple_capacity);
	nat->tuples[nat->tuple_count++] = *tuple;
	return 0;
}

static int take_nat_source(struct reader *reader, size_t object, void *item)
{
	struct nat *nat = &reader->snapshot->nat;
	struct nat_source *source = item;

	(void)object;
	if (source->key.tuple >= nat->tuple_count)
		return fail(reader, "tuple", _("names no row"));
	array_reserve(nat->sources, nat->source_count, nat->source_capacity);
	nat->sources[nat->source_count++] = *source;
	return 0;
}

static int take_nat_rule(struct reader *reader, size_t object, void *item)
{
	struct nat_rule *rule = item;

	(void)object;
	if (!has_netns(reader, rule->netns))
		return fail(reader, "namespace", _("names no row"));
	if (rule->source.bits > 128 || rule->destination.bits > 128)
		return fail(reader, "source_bits", _("has no value that it may have"));
	nat_add_rule(&reader->snapshot->nat, rule);
	return 0;
}

static int take_port_rule(struct reader *reader, size_t object, void *item)
{
	struct snapshot *snapshot = reader->snapshot;
	struct port_rule *rule = item;

	(void)object;
	if (!has_netns(reader, rule->netns) || !rule->where)
		return fail(reader, "namespace", _("names no row"));
	array_reserve(snapshot->port_rules, snapshot->port_rule_count,
		      snapshot->port_rule_capacity);
	snapshot->port_rules[snapshot->port_rule_count++] = *rule;
	return 0;
}

static int take_boot_socket(struct reader *reader, size_t object, void *item)
{
	struct snapshot *snapshot = reader->snapshot;
	struct boot_socket *socket = item;

	(void)object;
	if (!socket->unit)
		return fail(reader, "unit", _("is missing"));
	array_reserve(snapshot->boot_sockets, snapshot->boot_socket_count,
		      snapshot->boot_socket_capacity);
	snapshot->boot_sockets[snapshot->boot_socket_count++] = *socket;
	return 0;
}

static int take_gap(struct reader *reader, size_t object, void *item)
{
	struct gap *gap = item;

	(void)object;
	if (gap->netns != -1 && !has_netns(reader, gap->netns))
		return fail(reader, "namespace", _("names no row"));
	if (!gap->what || !gap->why)
		return fail(reader, "what", _("is missing"));
	snapshot_add_gap(reader->snapshot, gap->effect, gap->netns, gap->what, gap->why,
			 gap->remedy);
	return 0;
}

static int take_source(struct reader *reader, size_t object, void *item)
{
	struct source_report *report = item;

	(void)object;
	if (!report->name)
		return fail(reader, "name", _("is missing"));
	snapshot_add_source(reader->snapshot, report);
	return 0;
}

static int read_all(struct reader *reader)
{
	union {
		struct netns netns;
		struct process process;
		struct holding holding;
		struct nat_tuple tuple;
		struct nat_source source;
		struct nat_rule rule;
		struct port_rule port_rule;
		struct boot_socket socket;
		struct gap gap;
		struct source_report report;
	} item;
	const struct {
		const struct saved_table *table;
		take_row *take;
	} tables[] = {
		{ &saved_netns, take_netns },
		{ &saved_process, take_process },
		{ &saved_holding, take_holding },
		{ &saved_nat_tuple, take_nat_tuple },
		{ &saved_nat_source, take_nat_source },
		{ &saved_nat_rule, take_nat_rule },
		{ &saved_port_rule, take_port_rule },
		{ &saved_boot_socket, take_boot_socket },
		{ &saved_gap, take_gap },
		{ &saved_source, take_source },
	};
	size_t machine = find_value(reader, 0, saved_machine.key, 0);

	reader->table = saved_machine.key;
	if (!machine)
		return error_set(reader->error, _("%s: there is no list of %s"), reader->name,
				 saved_machine.key);
	if (read_item(reader, machine, &saved_machine, reader->snapshot))
		return -1;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (read_rows(reader, tables[i].table, &item, tables[i].take))
			return -1;
	if (!reader->snapshot->namespace_count)
		return error_set(reader->error, _("%s: it has no network namespace"),
				 reader->name);
	return 0;
}

/* ---- the file ---- */

bool saved_is(const char *text, size_t size)
{
	enum { HEAD = 512 };
	char head[HEAD + 1] = "";

	memcpy(head, text, size < HEAD ? size : HEAD);
	return strstr(head, "\"" SCHEMA "\"") != NULL;
}

static const char *why_not_json(int result)
{
	return result == JSMN_ERROR_PART ? _("it ends in the middle; was the file cut off?") :
					   _("it is not JSON");
}

int saved_read(const char *name, const char *text, size_t size, struct snapshot *snapshot,
	       struct error *error)
{
	struct reader reader = {
		.name = name,
		.text = text,
		.snapshot = snapshot,
		.error = error,
	};
	jsmn_parser parser;
	jsmntok_t *tokens;
	int count, result;
	size_t schema;

	jsmn_init(&parser);
	count = jsmn_parse(&parser, text, size, NULL, 0);
	if (count <= 0 || count > MOST_TOKENS)
		return error_set(error, "%s: %s", name, why_not_json(count));
	tokens = memory_zeroed((size_t)count + 1, sizeof *tokens);
	jsmn_init(&parser);
	count = jsmn_parse(&parser, text, size, tokens, (unsigned)count);
	reader.tokens = tokens;
	reader.count = count < 0 ? 0 : (size_t)count;
	schema = count > 0 && tokens[0].type == JSMN_OBJECT ?
			 find_value(&reader, 0, "schema", 0) :
			 0;
	if (!schema || !is_key(&reader, schema, SCHEMA))
		result =
			error_set(error,
				  _("%s: it is no snapshot of portroom (%s), as portroom save "
				    "writes"),
				  name, SCHEMA);
	else
		result = read_all(&reader);
	free(tokens);
	return result;
}
