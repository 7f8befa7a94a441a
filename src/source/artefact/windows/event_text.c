#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/text/text_format.h"
#include "source/artefact/windows/event.h"
#include "source/artefact/windows/event_time.h"
#include "source/artefact/windows/event_xml.h"

#include <string.h>

/*
 * Events as text: Event Viewer's "copy" and `wevtutil qe /f:text`. Both have a line each for log, source, date and number, in
 * this order and with labels in the language of the system, so that the order is what counts:
 *
 *     Log Name:      System                    Event[0]:
 *     Source:        Tcpip                       Log Name: System
 *     Date:          1/15/2019 9:01:10 PM        Source: Tcpip
 *     Event ID:      4227                        Date: 2019-01-15T21:01:10.611
 *     ...                                        Event ID: 4227
 *     Description:                               ...
 *     TCP/IP failed to ...                       Description:
 *     Event Xml:                               TCP/IP failed to ...
 *     <Event ...
 *
 * A copy is recognised at its fourth line, and its XML is the same event once more. XML may also come alone.
 */
enum place { OUTSIDE, FIELDS, DESCRIPTION, XML };
enum {
	UNTAGGED_MOST = 256
}; /* lines of one text within XML: behind them it is none any more */

struct events {
	struct event_tally tally;
	struct event_xml xml;
	struct event_record pending; /* of text; XML of the same may follow */
	bool is_pending;
	char date[64];
	enum place place;
	unsigned field, untagged;
	enum event_order order;
	uint64_t line; /* the latest */
};

/* ---- lines ---- */

/* "Event ID:      4227"; the colon of East Asian scripts, U+FF1A, is one, too. */
static bool split_label(struct span line, struct span *label, struct span *value)
{
	for (size_t i = 0; i < line.length; i++) {
		size_t colon =
			line.text[i] == ':'						  ? 1 :
			line.length - i >= 3 && !memcmp(line.text + i, "\xEF\xBC\x9A", 3) ? 3 :
											    0;

		if (!colon)
			continue;
		*label = (struct span){ line.text, i };
		*value = (struct span){ line.text + i + colon, line.length - i - colon };
		while (value->length && (*value->text == ' ' || *value->text == '\t')) {
			value->text++;
			value->length--;
		}
		return i > 0 && i < 64;
	}
	return false;
}

static bool split_text(const char *text, struct span *value)
{
	struct span label;

	return split_label((struct span){ text, strlen(text) }, &label, value);
}

/* What logs are called is not translated. */
static bool is_channel(struct span text)
{
	static const char *const names[] = { "System", "Application", "Security", "Setup",
					     "ForwardedEvents" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (span_is_like(text, names[i]))
			return true;
	return text.length > 10 && !memcmp(text.text, "Microsoft-", 10);
}

/* "Event[0]:", "Event[12]" */
static bool is_numbered(struct span text)
{
	static const char begin[] = "Event[";
	uint64_t number;
	size_t length = strlen(begin);

	if (text.length && text.text[text.length - 1] == ':')
		text.length--;
	return text.length > length + 1 && !memcmp(text.text, begin, length) &&
	       text.text[text.length - 1] == ']' &&
	       span_number((struct span){ text.text + length, text.length - length - 1 },
			   UINT32_MAX, &number);
}

/* A browser puts a dash before what it could fold away. */
static bool is_xml(struct span text)
{
	if (text.length > 2 && text.text[0] == '-' && text.text[1] == ' ') {
		text.text += 2;
		text.length -= 2;
	}
	static const char *const tags[] = { "<Event ", "<Event>", "<Events" };

	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (text.length >= strlen(tags[i]) &&
		    !memcmp(text.text, tags[i], strlen(tags[i])))
			return true;
	return false;
}

/* ---- events ---- */

/* Of a date that is not understood the text itself is told. */
static void hand_on(struct events *events)
{
	struct event_record *record = &events->pending;
	char text[EVENT_RECORD_TEXT_SIZE];

	if (!events->is_pending)
		return;
	events->is_pending = false;
	if (*events->date &&
	    (!record->time_ms || (record->time_is_local && events->tally.has_utc))) {
		event_set(text, sizeof text,
			  (struct span){ events->date, strlen(events->date) });
		event_append(text, sizeof text, ": ",
			     (struct span){ record->text, strlen(record->text) });
		memcpy(record->text, text, sizeof text);
	}
	event_tally_take(&events->tally, record);
}

/* XML behind a text with the same number is of the same event. */
static void take_record(void *context, struct event_record *record)
{
	struct events *events = context;

	if (events->is_pending && events->pending.id == record->id) {
		events->is_pending = false;
		if (*events->pending.text)
			memcpy(record->text, events->pending.text, sizeof record->text);
		if (!*record->channel)
			memcpy(record->channel, events->pending.channel,
			       sizeof record->channel);
	}
	hand_on(events);
	event_tally_take(&events->tally, record);
}

static void begin_pending(struct events *events)
{
	hand_on(events);
	events->pending = (struct event_record){ 0 };
	*events->date = '\0';
	events->place = FIELDS;
	events->field = 0;
}

static void take_field(struct events *events, struct span value)
{
	struct event_record *record = &events->pending;
	struct event_time time;

	switch (++events->field) {
	case 1:
		event_set(record->channel, sizeof record->channel, value);
		break;
	case 2:
		event_set(record->provider, sizeof record->provider, value);
		break;
	case 3:
		event_set(events->date, sizeof events->date, value);
		time = event_time_read(value, &events->order);
		record->time_ms = time.time_ms;
		record->time_is_local = time.is_local;
		break;
	case 4:
		events->is_pending = event_set_id(record, value);
		break;
	default:
		if (!value.length)
			events->place = DESCRIPTION;
	}
}

/* ---- places ---- */

static bool take_xml(struct events *events, const struct line *line)
{
	bool has_tag = memchr(line->text, '<', line->length) != NULL;

	/* Between tags nothing stands but blanks. */
	events->untagged = has_tag ? 0 : events->untagged + 1;
	if (!line_is_blank(line) && !has_tag && !events->xml.in_tag &&
	    (!events->xml.element || events->untagged > UNTAGGED_MOST)) {
		event_xml_end(&events->xml);
		events->place = OUTSIDE;
		return false;
	}
	event_xml_feed(&events->xml, line->text, line->length);
	event_xml_feed(&events->xml, "\n", 1);
	if (!events->xml.in_event && !events->xml.in_tag)
		events->place = OUTSIDE;
	return true;
}

static bool begin_xml(struct events *events, const struct line *line)
{
	events->place = XML;
	events->untagged = 0;
	events->xml.take = take_record;
	events->xml.context = events;
	return take_xml(events, line);
}

/* The fourth line of a copy, if the three before it are what they should be. */
static bool take_fourth(struct events *events, const struct text_context *context,
			struct span value)
{
	struct span channel, provider, date;
	uint64_t id, none;

	if (!span_number(value, UINT16_MAX, &id) ||
	    !split_text(context->before[2], &channel) || !is_channel(channel) ||
	    !split_text(context->before[1], &provider) || !provider.length ||
	    span_number(provider, UINT64_MAX, &none) ||
	    !split_text(context->before[0], &date) || !event_time_is(date))
		return false;
	begin_pending(events);
	take_field(events, channel);
	take_field(events, provider);
	take_field(events, date);
	take_field(events, value);
	return true;
}

static bool take_description(struct events *events, struct span text)
{
	struct span label, value;
	bool is_label = split_label(text, &label, &value);

	if (!text.length) {
		events->place = OUTSIDE;
		return true;
	}
	if (is_label && is_channel(value)) { /* the next copy */
		events->place = OUTSIDE;
		return false;
	}
	if (is_label && !value.length && span_has(label, "xml")) {
		events->place = OUTSIDE;
		return true;
	}
	if (is_label && !*events->pending.text &&
	    (!value.length || value.text - label.text > (ptrdiff_t)label.length + 2))
		return true; /* what stood above was a field without a value */
	event_append(events->pending.text, sizeof events->pending.text, " ", text);
	return true;
}

static bool take_outside(struct events *events, const struct text_context *context,
			 struct span text)
{
	struct span label, value;

	if (!text.length)
		return events->tally.records || events->is_pending;
	return split_label(text, &label, &value) && take_fourth(events, context, value);
}

static bool take(void *state, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct events *events = state;
	struct span text = line_trimmed(line), label, value;

	events->tally.dossier = dossier;
	events->line = line->number;
	if (events->place == XML && take_xml(events, line))
		return true;
	if (is_xml(text))
		return begin_xml(events, line);
	if (is_numbered(text)) {
		begin_pending(events);
		return true;
	}
	if (events->place == DESCRIPTION && take_description(events, text))
		return true;
	if (events->place == FIELDS && split_label(text, &label, &value)) {
		take_field(events, value);
		return true;
	}
	if (events->place == FIELDS)
		events->place = OUTSIDE;
	return take_outside(events, context, text);
}

static void end(void *state, struct dossier *dossier, bool is_last)
{
	struct events *events = state;

	(void)is_last;
	event_xml_end(&events->xml);
	hand_on(events);
	event_tally_end(&events->tally);
	if (events->xml.cut)
		dossier_note(
			dossier,
			_("it ends within an event (line %llu); what there is of it was taken"),
			(unsigned long long)events->line);
}

const struct text_format text_format_event_text = {
	.name = "event_text",
	.state_size = sizeof(struct events),
	.take = take,
	.end = end,
};
