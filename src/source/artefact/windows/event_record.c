#include "source/artefact/dossier.h"
#include "source/artefact/windows/event.h"
#include "source/artefact/windows/event_time.h"
#include "source/artefact/windows/records.h"

#include <string.h>

/*
 * Get-WinEvent and Get-EventLog. The table of the former has the provider above it and not in it:
 *
 *        ProviderName: Tcpip
 *
 *     TimeCreated                     Id LevelDisplayName Message
 *     -----------                     -- ---------------- -------
 *     1/15/2019 9:01:10 PM          4227 Warning          TCP/IP failed to establish an outgoing connection because ...
 *
 * The latter has the whole code, InstanceId, of which the number is the lower half. Both choose events as a rule, and are
 * excerpts.
 */
static bool is_event(const struct record *record, const struct prompt *prompt)
{
	bool has_id = record_has(record, "Id") || record_has(record, "EventID");

	(void)prompt;
	if (record_has(record, "TimeCreated"))
		return has_id;
	return record_has(record, "Source") &&
	       (record_has(record, "InstanceId") || record_has(record, "EventID")) &&
	       (record_has(record, "EntryType") || record_has(record, "TimeGenerated"));
}

static struct span first_of(const struct record *record, const char *const *names)
{
	struct span value = { NULL, 0 };

	for (; *names && !value.length; names++)
		value = record_value(record, *names);
	return value;
}

/* "/Date(1547604070611)/", as PowerShell 5 writes times into JSON: milliseconds of UTC */
static bool take_json_time(struct span text, struct event_record *event)
{
	static const char begin[] = "Date(";
	uint64_t time_ms;

	for (size_t at = 0; at + strlen(begin) < text.length; at++) {
		const char *from = text.text + at + strlen(begin), *end;

		if (memcmp(text.text + at, begin, strlen(begin)) != 0)
			continue;
		end = memchr(from, ')', (size_t)(text.text + text.length - from));
		if (!end || !span_number((struct span){ from, (size_t)(end - from) },
					 INT64_MAX, &time_ms))
			return false;
		event->time_ms = (int64_t)time_ms;
		return true;
	}
	return false;
}

static void take_time(struct span text, struct event_record *event)
{
	enum event_order order = ORDER_UNKNOWN;
	struct event_time time;

	if (take_json_time(text, event))
		return;
	time = event_time_read(text, &order);
	event->time_ms = time.time_ms;
	event->time_is_local = time.is_local;
	if (!time.time_ms)
		event_set(event->text, sizeof event->text, text);
}

static bool take(struct records *records, struct dossier *dossier, const struct record *record)
{
	static const char *const ids[] = { "Id", "EventID", "InstanceId", NULL },
				 *const times[] = { "TimeCreated", "TimeGenerated", "Time",
						    NULL },
				 *const providers[] = { "ProviderName", "Source", NULL };
	struct event_tally tally = { .dossier = dossier };
	struct event_record event = { 0 };
	struct span provider = first_of(record, providers);

	if (!event_set_id(&event, first_of(record, ids)))
		return false;
	if (!provider.length)
		provider = (struct span){ records->prompt.provider,
					  strlen(records->prompt.provider) };
	event_set(event.provider, sizeof event.provider, provider);
	event_set(event.channel, sizeof event.channel, record_value(record, "LogName"));
	take_time(first_of(record, times), &event);
	event_append(event.text, sizeof event.text, ": ", record_value(record, "Message"));
	dossier_name_part(dossier, records->kind->name);
	event_tally_take(&tally, &event);
	event_tally_end(&tally);
	return true;
}

/* The tally counts them. */
const struct record_kind record_kind_events = {
	.name = "Get-WinEvent",
	.is = is_event,
	.take = take,
};
