#include "source/artefact/windows/record.h"

void record_add(struct record *record, struct span name, struct span value)
{
	if (record->count == RECORD_FIELDS)
		return;
	record->names[record->count] = name;
	record->values[record->count++] = value;
}

static size_t find(const struct record *record, const char *name)
{
	size_t at = 0;

	while (at < record->count && !span_is_like(record->names[at], name))
		at++;
	return at;
}

struct span record_value(const struct record *record, const char *name)
{
	size_t at = find(record, name);

	return at < record->count ? record->values[at] : (struct span){ NULL, 0 };
}

bool record_has(const struct record *record, const char *name)
{
	return find(record, name) < record->count;
}

bool record_number(const struct record *record, const char *name, uint64_t most,
		   uint64_t *number)
{
	struct span value = record_value(record, name);

	return value.text && span_number(value, most, number);
}
