#include "source/artefact/saved/saved_reader.h"

#include "base/language.h"
#include "source/artefact/saved/saved_value.h"

#include <stdlib.h>
#include <string.h>

/* Of a whole file; a set of ports needs two bytes for each at most. */
enum { MOST_PORTS = 1 << 26 };

int saved_fail(struct saved_reader *reader, const char *key, const char *what)
{
	return error_set(reader->error, _("%s: %s, row %zu, %s: %s"), reader->request->name,
			 reader->table, reader->row + 1, key, what);
}

int saved_fail_value(struct saved_reader *reader, const char *key)
{
	return saved_fail(reader, key, _("has no value that it may have"));
}

struct arena *saved_arena(struct saved_reader *reader)
{
	return &reader->snapshot->arena;
}

static int count_ports(struct saved_reader *reader, const struct saved_field *field,
		       const void *item)
{
	const struct port_set *ports = (const void *)((const char *)item + field->offset);

	if (ports->count > MOST_PORTS - reader->ports)
		return -1;
	reader->ports += ports->count;
	return 0;
}

int saved_read_item(struct saved_reader *reader, size_t object,
		    const struct saved_table *table, void *item)
{
	size_t hint = object + 1;

	if (json_kind_of(&reader->tokens, object) != JSON_OBJECT)
		return saved_fail(reader, "row", _("is no object"));
	for (size_t i = 0; i < table->field_count; i++) {
		const struct saved_field *field = &table->fields[i];
		size_t at = json_find(&reader->tokens, object, field->key, hint);

		if (!at)
			return saved_fail(reader, field->key, _("is missing"));
		if (!saved_value_read(&reader->tokens, at, field, item, saved_arena(reader)))
			return saved_fail_value(reader, field->key);
		if (field->type == SAVED_PORTS && count_ports(reader, field, item))
			return saved_fail(reader, field->key, _("is too much for one file"));
		hint = json_behind(&reader->tokens, at);
	}
	return 0;
}

/* Sets of a row that is not taken go with it. */
static void drop(const struct saved_table *table, void *item)
{
	for (size_t i = 0; i < table->field_count; i++)
		if (table->fields[i].type == SAVED_PORTS)
			port_set_free((struct port_set *)(void *)((char *)item +
								  table->fields[i].offset));
}

size_t saved_find_rows(struct saved_reader *reader, const struct saved_table *table)
{
	size_t array = json_find(&reader->tokens, 0, table->key, 0);

	reader->table = table->key;
	reader->row = 0;
	if (!array || json_kind_of(&reader->tokens, array) != JSON_ARRAY)
		error_set(reader->error, _("%s: there is no list of %s"),
			  reader->request->name, table->key);
	else if (json_size_of(&reader->tokens, array) > table->most)
		error_set(reader->error, _("%s: too many rows in %s"), reader->request->name,
			  table->key);
	else
		return array;
	return 0;
}

int saved_read_rows(struct saved_reader *reader, const struct saved_table *table,
		    saved_take_row *take)
{
	size_t array = saved_find_rows(reader, table), at = array + 1;
	void *item = memory_zeroed(1, table->size);
	int taken = array ? 0 : -1;

	for (size_t i = 0; taken >= 0 && i < json_size_of(&reader->tokens, array) &&
			   at < reader->tokens.count;
	     i++) {
		memset(item, 0, table->size);
		reader->row = i;
		taken = saved_read_item(reader, at, table, item) ? -1 : take(reader, at, item);
		if (taken < 1)
			drop(table, item);
		at = json_behind(&reader->tokens, at);
	}
	free(item);
	return taken < 0 ? -1 : 0;
}

int saved_translate(struct saved_reader *reader, const char *key, uint32_t *index,
		    const uint32_t *rows, size_t count)
{
	if (*index >= count)
		return saved_fail(reader, key, _("names no row"));
	*index = rows[*index];
	return *index == SAVED_LEFT_OUT ? 0 : 1;
}

int saved_translate_netns(struct saved_reader *reader, uint32_t *index)
{
	return saved_translate(reader, "namespace", index, reader->namespaces,
			       reader->namespace_rows);
}
