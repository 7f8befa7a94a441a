#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/text/json_objects.h"
#include "source/artefact/text/json_tokens.h"
#include "source/artefact/windows/records.h"

#include <string.h>

/*
 * ConvertTo-Json. Enumerations are numbers, or names with -EnumsAsStrings, or in PowerShell 5 objects:
 * {"value": 5, "Value": "Established"}. The class stands far behind (CimClass), or nowhere.
 */
enum { LOOKED_AT = 1 << 16 };

/* ---- whether it is that ---- */

/* The first object has a property that somebody asks for. The documents of portroom have a schema. */
static bool is_known_text(struct span text)
{
	static const char *const names[] = {
		"\"LocalPort\"",
		"\"Group\"",
		"\"ProcessName\"",
		"\"Handles\"",
		"\"HandleCount\"",
		"\"ProcessId\"",
		"\"AutoReusePortRangeNumberOfPorts\"",
		"\"DynamicPortRangeNumberOfPorts\"",
		"\"TcpTimedWaitDelay\"",
		"\"OsBuildNumber\"",
		"\"BuildNumber\"",
		"\"ProviderName\"",
		"\"InstanceId\"",
		"\"MSFT_NetTCPConnection",
	};

	if (span_has(text, "\"schema\"") && span_has(text, "\"portroom."))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (span_has(text, names[i]))
			return true;
	return false;
}

static bool is_json(const struct artefact_input *input)
{
	struct lines lines;
	char text[LOOKED_AT], utf8[4] = "";
	size_t length = 0, size;
	bool begins;

	lines_begin(&lines, input->bytes, input->size);
	do
		size = lines_character(&lines, utf8);
	while (size && memchr(" \t\r\n", *utf8, 4));
	begins = size && (*utf8 == '{' || *utf8 == '[');
	while (begins && size && length + size <= sizeof text) {
		memcpy(text + length, utf8, size);
		length += size;
		size = lines_character(&lines, utf8);
	}
	lines_end(&lines);
	return begins && is_known_text((struct span){ text, length });
}

/* ---- one object ---- */

struct reading {
	struct dossier *dossier;
	struct records records;
	struct prompt prompt;
	struct arena arena; /* of the values of one object */
	uint64_t objects;
};

/* {"value": 5, "Value": "Established"}; only a few objects stand for one value. */
static size_t value_within(const struct json_tokens *tokens, size_t at)
{
	size_t inner = json_find(tokens, at, "Value", 0);

	if (json_kind_of(tokens, at) != JSON_OBJECT)
		return at;
	return inner ? inner : json_find(tokens, at, "value", 0);
}

static struct span value_of(struct reading *reading, const struct json_tokens *tokens,
			    size_t at)
{
	struct span value = { NULL, 0 };

	at = value_within(tokens, at);
	if (!at || json_is_null(tokens, at) || json_kind_of(tokens, at) == JSON_ARRAY ||
	    json_kind_of(tokens, at) == JSON_OBJECT)
		return value;
	value.text = json_raw(tokens, at, &value.length);
	if (json_kind_of(tokens, at) == JSON_STRING &&
	    memchr(value.text, '\\', value.length)) {
		value.text = json_copy(tokens, at, &reading->arena);
		value.length = strlen(value.text);
	}
	return value;
}

static void read_record(struct reading *reading, const struct json_tokens *tokens,
			struct record *record)
{
	size_t at = 1, value;
	struct span name;

	record->count = 0;
	for (size_t i = 0; i < json_size_of(tokens, 0) && at + 1 < tokens->count; i++) {
		name.text = json_raw(tokens, at, &name.length);
		value = at + 1;
		record_add(record, name, value_of(reading, tokens, value));
		at = json_behind(tokens, value);
	}
}

static void take_record(struct reading *reading, const struct json_objects *objects,
			const struct record *record)
{
	const struct span text = { objects->text, objects->length };
	const struct record_kind *kind;
	struct prompt prompt;

	if (!reading->records.kind) {
		prompt_read(&prompt, text);
		prompt.filtered = false; /* its words are values, and no command */
		prompt.state = -1;
		reading->prompt = prompt;
	}
	kind = records_kind_of(record, &reading->prompt);
	if (!kind)
		return;
	if (kind != reading->records.kind)
		records_begin(&reading->records, reading->dossier, kind, &reading->prompt,
			      record);
	if (!records_take(&reading->records, reading->dossier, record))
		records_unread(&reading->records, objects->offset);
	reading->objects++;
}

static void take_object(struct reading *reading, const struct json_objects *objects)
{
	struct json_tokens tokens;
	struct record record;
	struct error why;

	if (json_tokens_make(&tokens, objects->text, objects->length, &why)) {
		dossier_note(reading->dossier, _("byte %llu: %s"),
			     (unsigned long long)objects->offset, why.text);
	} else {
		read_record(reading, &tokens, &record);
		take_record(reading, objects, &record);
	}
	json_tokens_free(&tokens);
	arena_free(&reading->arena);
	reading->arena = (struct arena){ 0 };
}

/* ---- the file ---- */

static int read_json(const struct artefact_input *input, struct dossier *dossier,
		     struct error *error)
{
	struct reading reading = { .dossier = dossier,
				   .records = { .by_byte = true },
				   .prompt = prompt_unknown };
	struct json_objects objects;

	dossier_name_part(dossier, "JSON");
	json_objects_begin(&objects, input);
	while (json_objects_next(&objects))
		take_object(&reading, &objects);
	reading.records.cut = objects.cut;
	if (reading.objects)
		dossier_name_part(dossier, reading.records.kind->name);
	json_objects_note(&objects, dossier);
	records_end(&reading.records, dossier, true);
	json_objects_end(&objects);
	if (reading.objects)
		return 0;
	dossier_name_part(dossier, "JSON");
	return error_set(
		error, "%s",
		objects.cut ?
			_("it ends within its first object; was the file cut off?") :
			_("its objects are of no ports, processes or settings, or are no JSON"));
}

const struct artefact_kind artefact_powershell_json = {
	.name = "JSON",
	.is = is_json,
	.read = read_json,
};
