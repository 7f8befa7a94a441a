#include "knowledge/topic.h"

#include "base/language.h"

#include <assert.h>
#include <string.h>

const struct topic *const topic_tables[] = {
	topics_errors,	 topics_winsock, topics_events, topics_log_marks,
	topics_ntstatus, topics_states,	 topics_terms,	topics_windows_settings,
	topics_settings, NULL,
};

const struct topic *const *topic_tables_for(enum topic_reader reader)
{
	static const struct topic *const of_windows[] = {
		topics_winsock,	 topics_events, topics_log_marks, topics_windows_settings,
		topics_ntstatus, topics_states, topics_terms,	  topics_errors,
		topics_settings, NULL,
	};

	static_assert(sizeof of_windows == sizeof topic_tables, "every table is in both");
	return reader == READER_ON_WINDOWS ? of_windows : topic_tables;
}

static void replace(const char **text, const char *other)
{
	if (other)
		*text = *other ? other : NULL;
}

struct topic topic_for(const struct topic *topic, enum topic_reader reader)
{
	struct topic told = *topic;

	if (reader != READER_ON_WINDOWS || !topic->on_windows)
		return told;
	replace(&told.meaning, topic->on_windows->meaning);
	replace(&told.tell, topic->on_windows->tell);
	replace(&told.next, topic->on_windows->next);
	replace(&told.command, topic->on_windows->command);
	replace(&told.useless, topic->on_windows->useless);
	replace(&told.source, topic->on_windows->source);
	return told;
}

const char *topic_kind_name(enum topic_kind kind)
{
	static const char *const names[] = {
		[TOPIC_ERROR] = "errno",
		[TOPIC_WINSOCK] = "winsock",
		[TOPIC_NTSTATUS] = "ntstatus",
		[TOPIC_EVENT] = "event",
		[TOPIC_STATE] = "state",
		[TOPIC_TERM] = "term",
		[TOPIC_WINDOWS_SETTING] = "windows_setting",
		[TOPIC_SETTING] = "sysctl",
	};

	static_assert(sizeof names / sizeof names[0] == TOPIC_KIND_COUNT, "a name per kind");
	return names[kind];
}

const char *topic_kind_word(enum topic_kind kind)
{
	static const char *const words[] = {
		[TOPIC_ERROR] = N_("Linux error"),
		[TOPIC_WINSOCK] = N_("Windows sockets error"),
		[TOPIC_NTSTATUS] = N_("NTSTATUS"),
		[TOPIC_EVENT] = N_("Windows event"),
		[TOPIC_STATE] = N_("TCP state"),
		[TOPIC_TERM] = N_("term"),
		[TOPIC_WINDOWS_SETTING] = N_("Windows setting"),
		[TOPIC_SETTING] = N_("sysctl setting"),
	};

	static_assert(sizeof words / sizeof words[0] == TOPIC_KIND_COUNT, "a word per kind");
	return _(words[kind]);
}

const char *topic_kind_title(enum topic_kind kind)
{
	static const char *const titles[] = {
		[TOPIC_ERROR] = N_("error numbers of Linux"),
		[TOPIC_WINSOCK] = N_("error codes of Windows sockets"),
		[TOPIC_NTSTATUS] = N_("NTSTATUS values in Windows traces"),
		[TOPIC_EVENT] = N_("events in the Windows event log"),
		[TOPIC_STATE] = N_("states of a TCP socket"),
		[TOPIC_TERM] = N_("terms"),
		[TOPIC_WINDOWS_SETTING] = N_("settings of Windows (netsh, registry)"),
		[TOPIC_SETTING] = N_("sysctl settings of Linux"),
	};

	static_assert(sizeof titles / sizeof titles[0] == TOPIC_KIND_COUNT,
		      "a title per kind");
	return _(titles[kind]);
}

const char *exhaustion_name(enum exhaustion exhaustion)
{
	static const char *const names[] = {
		[EXHAUSTION_UNASKED] = NULL,	      [EXHAUSTION_NO] = "no",
		[EXHAUSTION_ELSEWHERE] = "elsewhere", [EXHAUSTION_MAYBE] = "maybe",
		[EXHAUSTION_LIKELY] = "likely",
	};

	return names[exhaustion];
}

/* One letter as it is compared. The C library's tolower() depends on the locale. */
static char fold(char letter)
{
	if (letter >= 'A' && letter <= 'Z')
		return (char)(letter - 'A' + 'a');
	return letter == '-' || letter == ' ' ? '_' : letter;
}

static bool is_same(const char *text, const char *name, size_t length)
{
	if (strlen(text) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (fold(text[i]) != fold(name[i]))
			return false;
	return true;
}

/* "/proc/sys/net/ipv4/x", "net/ipv4/x", "net.ipv4.x", "x": sysctl(8) takes all but the last. */
static bool is_setting(const char *text, const char *name)
{
	static const char folder[] = "/proc/sys/";
	const char *last = strrchr(name, '.') + 1;
	size_t i = 0;

	if (!strncmp(text, folder, sizeof folder - 1))
		text += sizeof folder - 1;
	if (is_same(text, last, strlen(last)))
		return true;
	for (; text[i] && name[i]; i++)
		if (fold(text[i] == '/' ? '.' : text[i]) != name[i])
			return false;
	return !text[i] && !name[i];
}

bool topic_is_named(const struct topic *topic, const char *text)
{
	const char *alias = topic->aliases;

	if (topic->kind == TOPIC_SETTING && is_setting(text, topic->name))
		return true;
	if (is_same(text, topic->name, strlen(topic->name)))
		return true;
	while (alias && *alias) {
		size_t length = strcspn(alias, "|");

		if (is_same(text, alias, length))
			return true;
		alias += length + (alias[length] == '|');
	}
	return false;
}

const struct topic *topic_find(const char *name)
{
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			if (topic_is_named(topic, name))
				return topic;
	return NULL;
}

const struct topic *topic_of_code(enum topic_kind kind, uint32_t code)
{
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			if (topic->kind == kind && topic->code == code)
				return topic;
	return NULL;
}
