#include "diagnosis/event.h"

#include "base/arena.h"
#include "knowledge/counters.h"
#include "knowledge/lookup.h"
#include "knowledge/messages.h"

#include <assert.h>
#include <string.h>

const char *event_source_name(enum event_source source)
{
	static const char *const names[] = {
		[EVENT_KERNEL] = "kernel",
		[EVENT_JOURNAL] = "journal",
		[EVENT_COUNTER] = "counter",
	};

	static_assert(sizeof names / sizeof names[0] == EVENT_SOURCE_COUNT,
		      "a name per source");
	return names[source];
}

bool event_recognise(enum event_source source, const char *text, struct event_kind *kind)
{
	*kind = (struct event_kind){ 0 };
	if (source == EVENT_KERNEL)
		return (kind->message = message_find_kernel(text));
	kind->message = message_find_program(text);
	if (kind->message && !message_is_about_ports(kind->message))
		kind->message = NULL;
	else if (!kind->message)
		kind->topic = lookup_port_error(text);
	return kind->message || kind->topic;
}

/* Not within a character. */
static size_t cut(const char *text, size_t length, size_t most)
{
	if (length <= most)
		return length;
	length = most;
	while (length && ((unsigned char)text[length] & 0xc0) == 0x80 && most - length < 4)
		length--;
	return length;
}

void event_set_text(struct event *event, const char *text)
{
	const char *at = event->kind.message ? message_begin(event->kind.message, text) : text;
	size_t length;

	if (!at)
		at = text;
	while (at > text && at[-1] != '\n')
		at--;
	length = cut(at, strcspn(at, "\n"), sizeof event->text - 1);
	memcpy(event->text, at, length);
	event->text[length] = '\0';
}

const char *event_name(const struct event_kind *kind)
{
	if (kind->counter)
		return kind->counter->name;
	if (kind->topic)
		return kind->topic->name;
	if (kind->message->kernel)
		return kind->message->kernel;
	return kind->message->topic ? kind->message->topic : "cause_not_named";
}

const char *event_meaning(const struct event_kind *kind)
{
	return kind->counter ? kind->counter->tell :
	       kind->topic   ? kind->topic->tell :
			       kind->message->tell;
}

enum exhaustion event_exhaustion(const struct event_kind *kind)
{
	return kind->counter ? kind->counter->exhaustion :
	       kind->topic   ? EXHAUSTION_MAYBE : /* which call failed is not known */
			       kind->message->exhaustion;
}

const char *event_command(struct arena *arena, const struct event *event)
{
	const struct event_kind *kind = &event->kind;
	struct lookup lookup;

	if (kind->counter)
		return kind->counter->command;
	lookup_place(&lookup, kind->message, event->text);
	return lookup_command(arena, &lookup,
			      kind->topic ? kind->topic->command : kind->message->command);
}
