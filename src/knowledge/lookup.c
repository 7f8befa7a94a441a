#include "knowledge/lookup.h"

#include "base/arena.h"
#include "knowledge/messages.h"
#include "knowledge/number.h"
#include "knowledge/topic.h"

#include <stdint.h>
#include <string.h>

/*
 * A text is looked at in this order: as a name, as a number with its usual company, as a message.
 * In a message the codes and names inside are told as well, since the words differ between versions
 * and languages and the codes do not.
 */
enum { LONGEST_WORD = 128 };

void lookup_add(struct lookup *lookup, const struct topic *topic, const char *how)
{
	if (!topic || lookup->count == LOOKUP_MATCHES)
		return;
	for (size_t i = 0; i < lookup->count; i++)
		if (lookup->matches[i].topic == topic)
			return;
	lookup->matches[lookup->count++] = (struct lookup_match){ topic, how };
}

bool lookup_name(const char *text, struct lookup *lookup)
{
	*lookup = (struct lookup){ 0 };
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			if (topic_is_named(topic, text))
				lookup_add(lookup, topic, NULL);
	return lookup->count > 0;
}

static bool is_part(char letter)
{
	return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
	       (letter >= 'A' && letter <= 'Z') || strchr("_./-", letter) != NULL;
}

/* What stands out as a name in a sentence: EADDRNOTAVAIL, net.ipv4.x, TIME_WAIT, TIME-WAIT; but not
 * a word of everyday language such as "pool" or "closing". */
static bool stands_out(const struct topic *topic, const char *word)
{
	bool capital = word[0] >= 'A' && word[0] <= 'Z';

	switch (topic->kind) {
	case TOPIC_ERROR:
	case TOPIC_WINSOCK:
	case TOPIC_NTSTATUS:
		return !strpbrk(word, " ");
	case TOPIC_SETTING:
		return strpbrk(word, "._") != NULL;
	default:
		return capital && strpbrk(word, "_-") != NULL;
	}
}

static void add_word(struct lookup *lookup, const char *word)
{
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			if (stands_out(topic, word) && topic_is_named(topic, word))
				lookup_add(lookup, topic, NULL);
}

static void add_names_inside(struct lookup *lookup, const char *text)
{
	while (*text) {
		char word[LONGEST_WORD];
		size_t length = 0, end;

		while (text[length] && is_part(text[length]))
			length++;
		/* A full stop ends a sentence and belongs to no name. */
		for (end = length; end && strchr(".-/", text[end - 1]);)
			end--;
		if (end && end < sizeof word) {
			memcpy(word, text, end);
			word[end] = '\0';
			add_word(lookup, word);
		}
		text += length ? length : 1;
	}
}

/* Of the sentences that systems have for their errors, the longest that the text contains: "too many
 * open files in system" is not "too many open files". */
static void add_sentence_inside(struct lookup *lookup, const char *text)
{
	const struct topic *best = NULL;
	size_t longest = 0;

	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			for (const char *alias = topic->aliases; alias && *alias;) {
				size_t length = strcspn(alias, "|");

				if (length > longest && memchr(alias, ' ', length) &&
				    message_piece(text, alias, length)) {
					longest = length;
					best = topic;
				}
				alias += length + (alias[length] == '|');
			}
	lookup_add(lookup, best, NULL);
}

/* Where a line of a log names several addresses, the one behind the words of the message counts. */
static void find_endpoint(struct lookup *lookup, const char *text)
{
	const char *from = lookup->message ? message_begin(lookup->message, text) : text;

	endpoint_find(from, &lookup->there);
	lookup->port = endpoint_find_port(from);
	if (!lookup->port)
		lookup->port = endpoint_find_port(text);
}

bool lookup_text(const char *text, struct lookup *lookup)
{
	if (lookup_name(text, lookup) || number_look_up_text(lookup, text))
		return true;
	*lookup = (struct lookup){ .message = message_find(text) };
	if (lookup->message && lookup->message->topic)
		lookup_add(lookup, topic_find(lookup->message->topic), NULL);
	add_names_inside(lookup, text);
	number_look_up_inside(lookup, text);
	if (!lookup->count)
		add_sentence_inside(lookup, text);
	find_endpoint(lookup, text);
	return lookup->message || lookup->count;
}

void lookup_place(struct lookup *lookup, const struct message *message, const char *text)
{
	*lookup = (struct lookup){ .message = message };
	find_endpoint(lookup, text);
}

static bool says(const char *text, const struct topic *topic)
{
	if (message_piece(text, topic->name, strlen(topic->name)))
		return true;
	for (const char *alias = topic->aliases; alias && *alias;) {
		size_t length = strcspn(alias, "|");

		if (message_piece(text, alias, length))
			return true;
		alias += length + (alias[length] == '|');
	}
	return false;
}

const struct topic *lookup_port_error(const char *text)
{
	static const char *const names[] = { "EADDRNOTAVAIL", "EADDRINUSE" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct topic *topic = topic_find(names[i]);

		if (topic && says(text, topic))
			return topic;
	}
	return NULL;
}

/* The first `mark` of the command made `value`. */
static const char *put(struct arena *arena, const char *command, const char *mark,
		       const char *value)
{
	const char *at = command ? strstr(command, mark) : NULL;

	if (!at)
		return command;
	return arena_print(arena, "%.*s%s%s", (int)(at - command), command, value,
			   at + strlen(mark));
}

const char *lookup_command(struct arena *arena, const struct lookup *lookup,
			   const char *command)
{
	const struct endpoint *there = &lookup->there;

	if (there->port) {
		/* Brackets are a pattern for the shell. */
		const char *form = strchr(there->address, ':') ? "'[%s]:%u'" : "%s:%u";
		const char *value = arena_print(arena, form, there->address, there->port);

		command = put(arena, command, "DST:PORT", value);
		if (there->port == 53)
			command = put(arena, command, "DNS:53", value);
	}
	if (lookup->port)
		command = put(arena, command, "--port N",
			      arena_print(arena, "--port %u", lookup->port));
	return command;
}

/* Names as they are compared with a misspelt word. */
static char *copy_lower(char *to, const char *from, size_t length)
{
	for (size_t i = 0; i < length; i++)
		*to++ = from[i] >= 'A' && from[i] <= 'Z' ? (char)(from[i] - 'A' + 'a') :
							   from[i];
	*to++ = '\0';
	return to;
}

/* Calls for each name and alias; `names` or `text` NULL: only counts. */
static void list_names(const char **names, char *text, size_t *count, size_t *bytes)
{
	*count = *bytes = 0;
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++) {
			const char *name = topic->name, *next = topic->aliases;

			while (name && *name) {
				size_t length = strcspn(name, "|");

				if (names) {
					names[*count] = text;
					text = copy_lower(text, name, length);
				}
				++*count;
				*bytes += length + 1;
				name = name == topic->name ?
					       next :
					       name + length + (name[length] == '|');
			}
		}
}

const char **lookup_names(void)
{
	size_t count, bytes;
	const char **names;

	list_names(NULL, NULL, &count, &bytes);
	names = memory_zeroed((count + 1) * sizeof *names + bytes, 1);
	list_names(names, (char *)(names + count + 1), &count, &bytes);
	return names;
}
