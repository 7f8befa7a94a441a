#include "source/artefact/windows/event_xml.h"

#include "source/artefact/windows/event_time.h"
#include "source/artefact/windows/xml_text.h"

#include <string.h>

enum { RAW = 128 }; /* a piece of data that is longer is no text for people */

/* Where within an Event: only these have what is looked for. */
enum section { NO_SECTION, SYSTEM, EVENT_DATA, USER_DATA, RENDERING };

/* Elements whose text is wanted. */
enum element { NO_ELEMENT, EVENT_ID, RECORD_ID, CHANNEL, COMPUTER, DATA, CLEARED, MESSAGE };

static const struct {
	const char *name;
	enum section section;
} sections[] = {
	{ "System", SYSTEM },
	{ "EventData", EVENT_DATA },
	{ "UserData", USER_DATA },
	{ "RenderingInfo", RENDERING },
};

static const struct {
	enum section section;
	const char *name;
	enum element element;
} elements[] = {
	{ SYSTEM, "EventID", EVENT_ID },   { SYSTEM, "EventRecordID", RECORD_ID },
	{ SYSTEM, "Channel", CHANNEL },	   { SYSTEM, "Computer", COMPUTER },
	{ EVENT_DATA, "Data", DATA },	   { USER_DATA, "Channel", CLEARED },
	{ RENDERING, "Message", MESSAGE },
};

/* ---- tags ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without what stands before a colon. */
static struct span name_of(const char *tag, size_t length)
{
	struct span name = { tag, 0 };

	while (name.length < length && !is_blank(tag[name.length]) && tag[name.length] != '/')
		name.length++;
	for (size_t i = 0; i < name.length; i++)
		if (tag[i] == ':')
			return (struct span){ tag + i + 1, name.length - i - 1 };
	return name;
}

/* The value of an attribute, decoded in its place; false: there is none. */
static bool find_attribute(struct event_xml *xml, const char *name, struct span *value)
{
	char *at = xml->tag, *end = xml->tag + xml->tag_length;

	while (at < end && !is_blank(*at))
		at++;
	while (at < end) {
		struct span found;
		char *close;

		while (at < end && is_blank(*at))
			at++;
		found.text = at;
		while (at < end && *at != '=' && !is_blank(*at))
			at++;
		found.length = (size_t)(at - found.text);
		while (at < end && (is_blank(*at) || *at == '='))
			at++;
		if (at == end || (*at != '"' && *at != '\''))
			continue;
		close = memchr(at + 1, *at, (size_t)(end - at - 1));
		if (!close)
			return false;
		if (span_is(found, name)) {
			*value = xml_text_decode(at + 1, (size_t)(close - at - 1));
			return true;
		}
		at = close + 1;
	}
	return false;
}

static uint64_t number_in(struct event_xml *xml, const char *name)
{
	struct span value;
	uint64_t number;

	return find_attribute(xml, name, &value) && span_number(value, UINT64_MAX, &number) ?
		       number :
		       0;
}

/* ---- events ---- */

static void hand_on(struct event_xml *xml)
{
	xml->in_event = false;
	xml->section = NO_SECTION;
	xml->element = NO_ELEMENT;
	if (!xml->record.has_id)
		return;
	xml->events++;
	xml->take(xml->context, &xml->record);
}

/* One that is still open has no end: the copy was cut. */
static void begin_event(struct event_xml *xml)
{
	if (xml->in_event) {
		xml->cut++;
		hand_on(xml);
	}
	xml->in_event = true;
	xml->record = (struct event_record){ .recovered = number_in(xml, "recovered") == 1 };
}

static void take_log(struct event_xml *xml)
{
	if (xml->log.is_told)
		return;
	xml->log = (struct event_xml_log){
		.is_told = true,
		.corrupted = number_in(xml, "corrupted") == 1,
		.dirty = number_in(xml, "dirty") == 1,
		.records = number_in(xml, "records"),
		.recovered = number_in(xml, "recovered"),
	};
}

static void take_attributes(struct event_xml *xml, struct span name)
{
	enum event_order order = ORDER_UNKNOWN;
	struct event_time time;
	struct span value;

	if (span_is(name, "Provider") && find_attribute(xml, "Name", &value)) {
		event_set(xml->record.provider, sizeof xml->record.provider, value);
	} else if (span_is(name, "TimeCreated") && find_attribute(xml, "SystemTime", &value)) {
		time = event_time_read(value, &order);
		xml->record.time_ms = time.time_ms;
		xml->record.time_is_local = time.is_local;
	}
}

static void open_element(struct event_xml *xml, struct span name, bool is_empty)
{
	if (span_is(name, "Event")) {
		begin_event(xml);
		return;
	}
	if (!xml->in_event) {
		if (span_is(name, "Log"))
			take_log(xml);
		return;
	}
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
		if (span_is(name, sections[i].name) && !is_empty)
			xml->section = sections[i].section;
	if (xml->section == SYSTEM)
		take_attributes(xml, name);
	xml->element = NO_ELEMENT;
	xml->text_length = 0;
	for (size_t i = 0; i < sizeof elements / sizeof elements[0] && !is_empty; i++)
		if ((int)elements[i].section == xml->section &&
		    span_is(name, elements[i].name))
			xml->element = elements[i].element;
}

static void take_text(struct event_xml *xml)
{
	struct span text = xml_text_decode(xml->text, xml->text_length);
	struct event_record *record = &xml->record;

	while (text.length && is_blank(*text.text)) {
		text.text++;
		text.length--;
	}
	while (text.length && is_blank(text.text[text.length - 1]))
		text.length--;
	switch ((enum element)xml->element) {
	case EVENT_ID:
		event_set_id(record, text);
		break;
	case RECORD_ID:
		span_number(text, UINT64_MAX, &record->number);
		break;
	case CHANNEL:
		event_set(record->channel, sizeof record->channel, text);
		break;
	case COMPUTER:
		event_set(record->computer, sizeof record->computer, text);
		break;
	case CLEARED:
		event_set(record->cleared, sizeof record->cleared, text);
		break;
	case DATA:
		if (text.length < RAW)
			event_append(record->text, sizeof record->text, ", ", text);
		break;
	case MESSAGE:
		event_set(record->text, sizeof record->text, text);
		break;
	case NO_ELEMENT:
		break;
	}
	xml->element = NO_ELEMENT;
}

static void close_element(struct event_xml *xml, struct span name)
{
	if (!xml->in_event)
		return;
	if (xml->element != NO_ELEMENT)
		take_text(xml);
	if (span_is(name, "Event")) {
		hand_on(xml);
		return;
	}
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
		if (span_is(name, sections[i].name))
			xml->section = NO_SECTION;
}

/* Comments, instructions and declarations tell nothing. */
static void take_tag(struct event_xml *xml)
{
	const char *tag = xml->tag;
	size_t length = xml->tag_length;

	if (!length || *tag == '!' || *tag == '?')
		return;
	if (*tag == '/')
		close_element(xml, name_of(tag + 1, length - 1));
	else
		open_element(xml, name_of(tag, length), tag[length - 1] == '/');
}

/* ---- bytes ---- */

static void keep(char *to, size_t *length, size_t most, const char *bytes, size_t size)
{
	size_t room = most - *length;

	if (size > room)
		size = room;
	memcpy(to + *length, bytes, size);
	*length += size;
}

/* A sign that ends a tag does not end it within quotes, but in comments there are none; and one that begins a tag stands
 * nowhere within one: what was before it is cut off. How many bytes were taken. */
static size_t feed_tag(struct event_xml *xml, const char *bytes, size_t size)
{
	bool has_quotes = (xml->tag_length ? *xml->tag : *bytes) != '!';
	size_t at = 0;

	for (; at < size; at++) {
		if (bytes[at] == '<') {
			xml->tag_length = 0;
			xml->quote = '\0';
			return at + 1;
		}
		if (xml->quote) {
			if (bytes[at] == xml->quote)
				xml->quote = '\0';
		} else if (has_quotes && (bytes[at] == '"' || bytes[at] == '\'')) {
			xml->quote = bytes[at];
		} else if (bytes[at] == '>') {
			break;
		}
	}
	keep(xml->tag, &xml->tag_length, sizeof xml->tag, bytes, at);
	if (at == size)
		return at;
	take_tag(xml);
	xml->in_tag = false;
	xml->tag_length = 0;
	return at + 1;
}

static size_t feed_text(struct event_xml *xml, const char *bytes, size_t size)
{
	const char *tag = memchr(bytes, '<', size);
	size_t length = tag ? (size_t)(tag - bytes) : size;

	if (xml->in_event && xml->element != NO_ELEMENT)
		keep(xml->text, &xml->text_length, sizeof xml->text, bytes, length);
	if (!tag)
		return size;
	xml->in_tag = true;
	xml->quote = '\0';
	return length + 1;
}

void event_xml_feed(struct event_xml *xml, const char *bytes, size_t size)
{
	for (size_t at = 0; at < size;)
		at += xml->in_tag ? feed_tag(xml, bytes + at, size - at) :
				    feed_text(xml, bytes + at, size - at);
}

void event_xml_end(struct event_xml *xml)
{
	if (xml->in_event) {
		xml->cut++;
		hand_on(xml);
	}
	xml->in_tag = false;
	xml->tag_length = 0;
}
