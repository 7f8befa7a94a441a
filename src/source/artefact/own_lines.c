#include "source/artefact/own_lines.h"

#include "base/arena.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/text/line.h"
#include "source/artefact/windows/event_time.h"

#include <string.h>

/* The schema stands among the first keys. */
enum { HEAD = 256 };

bool own_lines_are(const struct artefact_input *input, const char *schema)
{
	char head[HEAD + 1] = "", utf8[4];
	struct lines lines;
	size_t length = 0, size;
	const char *at;

	lines_begin(&lines, input->bytes, input->size);
	while (length + sizeof utf8 <= HEAD && (size = lines_character(&lines, utf8))) {
		memcpy(head + length, utf8, size);
		length += size;
	}
	lines_end(&lines);
	at = strstr(head, schema);
	return head[0] == '{' && at && at[-1] == '"' && at[strlen(schema)] == '"';
}

int64_t own_number(const struct json_tokens *tokens, size_t object, const char *key,
		   int64_t most, int64_t otherwise)
{
	size_t at = json_find(tokens, object, key, 0);
	int64_t number = otherwise;

	if (at)
		json_take_number(tokens, at, 0, most, &number);
	return number;
}

bool own_flag(const struct json_tokens *tokens, size_t object, const char *key, bool otherwise)
{
	size_t at = json_find(tokens, object, key, 0);
	bool flag = otherwise;

	if (at)
		json_take_bool(tokens, at, &flag);
	return flag;
}

const char *own_text(const struct json_tokens *tokens, size_t object, const char *key,
		     struct dossier *dossier)
{
	size_t at = json_find(tokens, object, key, 0);
	struct arena arena = { 0 };
	const char *text = at ? json_copy(tokens, at, &arena) : NULL;

	if (text)
		text = dossier_text(dossier, (struct span){ text, strlen(text) });
	arena_free(&arena);
	return text;
}

bool own_text_is(const struct json_tokens *tokens, size_t object, const char *key,
		 const char *text)
{
	size_t at = json_find(tokens, object, key, 0);

	return at && json_is_text(tokens, at, text);
}

int64_t own_time(const struct json_tokens *tokens, size_t object, const char *key)
{
	size_t at = json_find(tokens, object, key, 0);
	enum event_order order = ORDER_UNKNOWN;
	struct span text = { NULL, 0 };
	struct event_time time;

	if (!at || json_kind_of(tokens, at) != JSON_STRING)
		return 0;
	text.text = json_raw(tokens, at, &text.length);
	time = event_time_read(text, &order);
	return time.is_local ? 0 : time.time_ms;
}

void own_host(const struct json_tokens *tokens, struct dossier *dossier)
{
	struct snapshot *snapshot = dossier->snapshot;
	size_t host = json_find(tokens, 0, "host", 0);
	const char *system, *name;

	if (!host || json_kind_of(tokens, host) != JSON_OBJECT)
		return;
	name = own_text(tokens, host, "name", dossier);
	if (name)
		dossier_host(dossier, (struct span){ name, strlen(name) });
	system = own_text(tokens, host, "os", dossier);
	if (!system)
		return;
	if (strstr(system, "Windows"))
		dossier_windows(dossier);
	else
		dossier_speaks_for(dossier, FROM_LINUX);
	if (!snapshot->system)
		snapshot->system = system;
	if (!snapshot->kernel)
		snapshot->kernel = own_text(tokens, host, "kernel", dossier);
}
