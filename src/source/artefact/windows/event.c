#include "source/artefact/windows/event.h"

#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/told_setting.h"

#include <string.h>

/* ---- texts ---- */

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 127;
}

static size_t add_text(char *to, size_t length, size_t size, struct span text)
{
	bool blank = false;

	while (text.length && is_blank(text.text[text.length - 1]))
		text.length--;
	while (text.length && is_blank(*text.text)) {
		text.text++;
		text.length--;
	}
	for (size_t i = 0; i < text.length && length + 2 < size; i++) {
		if (is_blank(text.text[i])) {
			blank = true;
			continue;
		}
		if (blank)
			to[length++] = ' ';
		blank = false;
		to[length++] = text.text[i];
	}
	if (length + 2 >= size) /* it may have been cut within a character of several bytes */
		while (length && ((unsigned char)to[length - 1] & 0xC0) == 0x80)
			length--;
	if (length && (unsigned char)to[length - 1] >= 0xC0)
		length--;
	to[length] = '\0';
	return length;
}

void event_set(char *to, size_t size, struct span text)
{
	add_text(to, 0, size, text);
}

void event_append(char *to, size_t size, const char *between, struct span text)
{
	size_t length = strlen(to), gap = length ? strlen(between) : 0;

	if (length + gap + 4 > size)
		return;
	memcpy(to + length, between, gap);
	if (add_text(to, length + gap, size, text) == length + gap)
		to[length] = '\0'; /* nothing was added */
}

bool event_set_id(struct event_record *record, struct span text)
{
	uint64_t number;

	if (!span_number(text, UINT32_MAX, &number))
		return false;
	record->id = (uint32_t)number & 0xFFFF;
	record->has_id = true;
	return true;
}

/* ---- which events ---- */

enum { IDS_MOST = 4 };

/*
 * Numbers mean something only with the provider: others have a 4227, too. Tcpip's are EVENT_TCPIP_TCP_CONNECT_LIMIT_REACHED
 * (0x80001082), EVENT_TCPIP_TCP_TIME_WAIT_COLLISION (0x80001083) and their like in netevent.h of the Windows SDK. The rest
 * are what Microsoft's "Troubleshoot port exhaustion issues" names as companions, starts and ends of the system, and a log
 * that was cleared. Sources are called otherwise where Event Viewer shows them.
 */
static const struct known_provider {
	const char *name, *shown_as; /* NULL: the same */
	uint32_t ids[IDS_MOST];
} providers[] = {
	{ "Tcpip", NULL, { 4226, 4227, 4231, 4266 } },
	{ "Microsoft-Windows-GroupPolicy", "GroupPolicy", { 1053, 1054, 1129 } },
	{ "NETLOGON", NULL, { 5719 } },
	{ "Microsoft-Windows-DNS-Client", "DNS Client Events", { 1014, 8015 } },
	{ "Microsoft-Windows-Eventlog", "Eventlog", { 104, 1102 } },
	{ "EventLog", NULL, { 6005, 6006, 6008 } },
	{ "User32", "Microsoft-Windows-User32", { 1074 } },
	{ "Microsoft-Windows-Kernel-General", "Kernel-General", { 12, 13 } },
};

enum { PROVIDERS = sizeof providers / sizeof providers[0] };

const char *event_provider(size_t index)
{
	return index < PROVIDERS ? providers[index].name : NULL;
}

static struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

/* "DNS Client Events (Microsoft-Windows-DNS-Client)" */
static struct span name_in(const char *text)
{
	const char *open = strrchr(text, '(');
	size_t length = strlen(text);

	if (open && length && text[length - 1] == ')')
		return (struct span){ open + 1, (size_t)(text + length - 1 - open - 1) };
	return span_of(text);
}

static bool has_id(const struct known_provider *provider, uint32_t id)
{
	for (int i = 0; i < IDS_MOST && provider->ids[i]; i++)
		if (provider->ids[i] == id)
			return true;
	return false;
}

static const struct known_provider *find_provider(const struct event_record *record)
{
	struct span name = name_in(record->provider);

	for (size_t i = 0; i < PROVIDERS; i++)
		if (has_id(&providers[i], record->id) &&
		    (span_is_like(name, providers[i].name) ||
		     (providers[i].shown_as && span_is_like(name, providers[i].shown_as))))
			return &providers[i];
	return NULL;
}

/* Drivers and services write these into System; what stands elsewhere is something else. */
static bool is_of_log(const struct known_provider *provider, const char *channel)
{
	return provider != providers || !*channel || span_is_like(span_of(channel), "System");
}

/* ---- into the dossier ---- */

static struct logged_log *log_of(struct event_tally *tally, size_t channel)
{
	return &tally->dossier->snapshot->evidence.logs[tally->channels[channel].log];
}

/* More channels than a file of Windows has are one. */
static size_t find_channel(struct event_tally *tally, const char *name)
{
	struct event_channel *channel;
	struct logged_log *log;

	if (tally->count && !strcmp(tally->channels[tally->latest].name, name))
		return tally->latest;
	for (size_t i = 0; i < tally->count; i++)
		if (!strcmp(tally->channels[i].name, name))
			return tally->latest = i;
	if (tally->count == EVENT_CHANNELS)
		return tally->latest = EVENT_CHANNELS - 1;
	channel = &tally->channels[tally->count];
	*channel = (struct event_channel){ .lowest = UINT64_MAX };
	memcpy(channel->name, name, strlen(name) + 1);
	log = dossier_add_log(tally->dossier,
			      *name ? dossier_text(tally->dossier, span_of(name)) : NULL);
	channel->log = (size_t)(log - tally->dossier->snapshot->evidence.logs);
	return tally->latest = tally->count++;
}

static void widen(struct logged_log *log, const struct event_record *record)
{
	if (!record->time_ms)
		return;
	if (!log->oldest_ms || record->time_ms < log->oldest_ms)
		log->oldest_ms = record->time_ms;
	if (record->time_ms > log->newest_ms)
		log->newest_ms = record->time_ms;
	log->time_is_local |= record->time_is_local;
}

static void count(struct event_tally *tally, size_t at, const struct event_record *record)
{
	struct event_channel *channel = &tally->channels[at];
	struct logged_log *log = log_of(tally, at);

	if (record->recovered) {
		log->recovered_read++;
		return; /* it does not say from when on the log is whole */
	}
	log->records++;
	widen(log, record);
	channel->records++;
	if (!record->number)
		return;
	channel->numbered++;
	if (record->number < channel->lowest)
		channel->lowest = record->number;
	if (record->number > channel->highest)
		channel->highest = record->number;
}

/* Of another log it says nothing about this one, in which it stands. */
static void take_clearing(struct event_tally *tally, size_t channel,
			  const struct event_record *record)
{
	struct logged_log *log = log_of(tally, channel);

	if (*record->cleared && *record->channel &&
	    !span_is_like(span_of(record->cleared), record->channel))
		return;
	log->cleared = true;
	if (record->time_ms > log->cleared_ms)
		log->cleared_ms = record->time_ms;
}

/* Times of two clocks have no order. */
static void mind_clock(struct event_tally *tally, struct event_record *record)
{
	tally->has_utc |= record->time_ms && !record->time_is_local;
	if (tally->has_utc && record->time_is_local) {
		record->time_ms = 0;
		record->time_is_local = false;
	}
}

/* Its own log names the machine; others may have come from elsewhere. It may have had another name before. */
static void take_computer(struct event_tally *tally, const struct event_record *record)
{
	if (!*record->computer || strcmp(record->channel, "System") != 0 ||
	    (*tally->computer && record->time_ms < tally->computer_ms))
		return;
	memcpy(tally->computer, record->computer, sizeof tally->computer);
	tally->computer_ms = record->time_ms;
}

void event_tally_take(struct event_tally *tally, struct event_record *record)
{
	const struct known_provider *provider;
	struct logged_event *event;
	size_t channel;

	if (!record->has_id)
		return;
	mind_clock(tally, record);
	tally->records++;
	dossier_count_records(tally->dossier, 1);
	channel = find_channel(tally, record->channel);
	count(tally, channel, record);
	take_computer(tally, record);
	provider = find_provider(record);
	if (!provider || !is_of_log(provider, record->channel))
		return;
	event = dossier_add_event(
		tally->dossier, record->id, provider->name, record->time_ms,
		*record->text ? dossier_text(tally->dossier, span_of(record->text)) : NULL);
	if (event)
		event->time_is_local |= record->time_is_local;
	if (record->id == 104 || record->id == 1102)
		take_clearing(tally, channel, record);
}

/* A few records in a row may have been picked by hand. Where more are missing than there are somebody has chosen; fewer may
 * be lost, as of a log that was not closed. */
enum { FEW = 20 };

static void judge(struct logged_log *log, const struct event_channel *channel)
{
	uint64_t missing = 0;

	if (channel->numbered && channel->highest - channel->lowest >= channel->numbered)
		missing = channel->highest - channel->lowest - (channel->numbered - 1);
	log->missing += missing;
	log->excerpt |= channel->records < FEW || channel->numbered < channel->records ||
			missing > channel->records;
}

void event_tally_end(struct event_tally *tally)
{
	for (size_t i = 0; i < tally->count; i++)
		judge(log_of(tally, i), &tally->channels[i]);
	if (*tally->computer)
		told_setting_host(tally->dossier, span_of(tally->computer));
	if (tally->records) {
		dossier_used_for(tally->dossier, N_("events"));
		dossier_speaks_for(tally->dossier, FROM_WINDOWS);
	}
}
