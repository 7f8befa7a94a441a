#include "knowledge/number.h"

#include "base/language.h"
#include "knowledge/lookup.h"
#include "knowledge/messages.h"

#include <string.h>

/*
 * Other systems number the same errors differently, and programs write them into logs that are read
 * here. FreeBSD and macOS: sys/errno.h; libuv on Windows: include/uv/errno.h.
 */
#define BSD N_("this number on macOS and the BSDs")
#define LIBUV N_("this number from libuv (Node.js) on Windows")

static const struct {
	uint32_t number;
	const char *name, *how;
} elsewhere[] = {
	{ 35, "EAGAIN", BSD },
	{ 48, "EADDRINUSE", BSD },
	{ 49, "EADDRNOTAVAIL", BSD },
	{ 51, "ENETUNREACH", BSD },
	{ 53, "ECONNABORTED", BSD },
	{ 54, "ECONNRESET", BSD },
	{ 55, "ENOBUFS", BSD },
	{ 60, "ETIMEDOUT", BSD },
	{ 61, "ECONNREFUSED", BSD },
	{ 65, "EHOSTUNREACH", BSD },
	{ 4092, "EACCES", LIBUV },
	{ 4091, "EADDRINUSE", LIBUV },
	{ 4090, "EADDRNOTAVAIL", LIBUV },
	{ 4088, "EAGAIN", LIBUV },
	{ 4079, "ECONNABORTED", LIBUV },
	{ 4078, "ECONNREFUSED", LIBUV },
	{ 4077, "ECONNRESET", LIBUV },
	{ 4066, "EMFILE", LIBUV },
	{ 4060, "ENOBUFS", LIBUV },
	{ 4039, "ETIMEDOUT", LIBUV },
};

/* The codes of getaddrinfo() are negative: EAI_AGAIN is -3. netdb.h of glibc and musl */
enum { RESOLVE_AGAIN = 3 };

static int digit_of(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	if (letter >= 'a' && letter <= 'f')
		return letter - 'a' + 10;
	return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

static bool is_word(char letter)
{
	return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
	       (letter >= 'A' && letter <= 'Z') || letter == '_';
}

/* Eight digits that begin as the severities of NTSTATUS do, or an HRESULT of Windows. */
static bool is_bare_status(const char *text)
{
	size_t length = 0;

	while (digit_of(text[length]) >= 0)
		length++;
	return length == 8 && !is_word(text[8]) &&
	       (!strncmp(text, "c000", 4) || !strncmp(text, "C000", 4) ||
		!strncmp(text, "8007", 4));
}

size_t number_parse(const char *text, struct number *number)
{
	uint64_t value = 0;
	const char *at = text, *first;
	int base = 10;

	*number = (struct number){ .negative = *at == '-' };
	if (number->negative)
		at++;
	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		base = 16;
		at += 2;
	} else if (is_bare_status(at)) {
		base = 16;
	}
	for (first = at; digit_of(*at) >= 0 && digit_of(*at) < base; at++) {
		value = value * (unsigned)base + (unsigned)digit_of(*at);
		if (value > UINT32_MAX)
			return 0;
	}
	if (at == first || is_word(*at))
		return 0;
	/* -1073741303 is how 0xC0000209 prints as a signed number; below that range nothing is. */
	if (number->negative && value > (uint64_t)INT32_MAX + 1)
		return 0;
	number->value = (uint32_t)value;
	number->hexadecimal = base == 16;
	return (size_t)(at - text);
}

static bool is_wanted(const struct topic *topic, unsigned kinds)
{
	return topic->code && (!kinds || kinds & 1U << topic->kind);
}

static void add_codes(struct lookup *lookup, uint32_t code, unsigned kinds, const char *how)
{
	for (const struct topic *const *table = topic_tables; *table; table++)
		for (const struct topic *topic = *table; topic->name; topic++)
			if (is_wanted(topic, kinds) && topic->code == code)
				lookup_add(lookup, topic, how);
}

/* Network Monitor shows the low half of a status only. It must be written as 0x209: decimal numbers
 * are far more often something else. */
static void add_low_half(struct lookup *lookup, uint32_t half)
{
	for (const struct topic *topic = topics_ntstatus; topic->name; topic++)
		if ((topic->code & 0xffff) == half)
			lookup_add(lookup, topic, N_("the low 16 bits of this NTSTATUS"));
}

/* An error of Win32 as an HRESULT is 0x8007 and its number; an event of a driver in full is its
 * number below 0x8000, as in the Binary field of the record. */
static void add_high_half(struct lookup *lookup, uint32_t value)
{
	if (value >> 16 == 0x8007)
		add_codes(lookup, value & 0xffff, 1U << TOPIC_WINSOCK,
			  N_("the low 16 bits of this HRESULT"));
	if (value >> 16 == 0x8000)
		add_codes(lookup, value & 0xffff, 1U << TOPIC_EVENT,
			  N_("the event number with its severity in front"));
}

void number_look_up(struct lookup *lookup, const struct number *number, unsigned kinds)
{
	uint32_t value = number->value;

	/* A status as a signed number: -1073741303 is 0xC0000209. */
	if (number->negative && !number->hexadecimal && value > UINT16_MAX)
		value = 0 - value;
	add_codes(lookup, value, kinds, NULL);
	add_high_half(lookup, value);
	if (number->hexadecimal && value <= UINT16_MAX)
		add_low_half(lookup, value);
	if (number->hexadecimal || (kinds && !(kinds & 1U << TOPIC_ERROR)))
		return;
	if (number->negative && value == RESOLVE_AGAIN)
		lookup_add(lookup, topic_find("EAI_AGAIN"), NULL);
	for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
		if (elsewhere[i].number == value)
			lookup_add(lookup, topic_find(elsewhere[i].name), elsewhere[i].how);
}

/* Words that people and programs write in front of a number, and what it can be then. */
static const struct {
	const char *word;
	unsigned kinds;
} hints[] = {
	{ "errno", 1U << TOPIC_ERROR | 1U << TOPIC_WINSOCK },
	{ "error", 1U << TOPIC_ERROR | 1U << TOPIC_WINSOCK | 1U << TOPIC_NTSTATUS },
	{ "err", 1U << TOPIC_ERROR | 1U << TOPIC_WINSOCK },
	{ "os", 1U << TOPIC_ERROR | 1U << TOPIC_WINSOCK },
	{ "errorcode", 1U << TOPIC_ERROR | 1U << TOPIC_WINSOCK | 1U << TOPIC_NTSTATUS },
	{ "code", 1U << TOPIC_ERROR | 1U << TOPIC_WINSOCK | 1U << TOPIC_NTSTATUS },
	{ "winerror", 1U << TOPIC_WINSOCK },
	{ "wsa", 1U << TOPIC_WINSOCK },
	{ "winsock", 1U << TOPIC_WINSOCK },
	{ "socketexception", 1U << TOPIC_ERROR | 1U << TOPIC_WINSOCK },
	{ "ntstatus", 1U << TOPIC_NTSTATUS },
	{ "status", 1U << TOPIC_NTSTATUS },
	{ "hresult", 1U << TOPIC_WINSOCK },
	{ "event", 1U << TOPIC_EVENT },
	{ "eventid", 1U << TOPIC_EVENT },
	{ "id", 1U << TOPIC_EVENT },
};

static bool hint_of(const char *word, size_t length, unsigned *kinds)
{
	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
		if (strlen(hints[i].word) == length &&
		    message_begins(word, hints[i].word, length)) {
			*kinds = hints[i].kinds;
			return true;
		}
	return false;
}

bool number_look_up_text(struct lookup *lookup, const char *text)
{
	unsigned kinds = 0, numbers = 0;
	struct number found = { 0 };

	while (*text) {
		struct number number;
		size_t length = number_parse(text, &number);

		if (length) {
			found = number;
			numbers++;
		} else if (is_word(*text)) {
			while (is_word(text[length]))
				length++;
			if (!hint_of(text, length, &kinds))
				return false;
		}
		text += length ? length : 1;
	}
	if (numbers != 1)
		return false;
	number_look_up(lookup, &found, kinds);
	return lookup->count > 0;
}

/* The word that ends before `at`, behind at most one sign such as '=', ':' or a bracket and spaces. */
static bool has_hint_before(const char *text, const char *at, unsigned *kinds)
{
	const char *end = at;
	size_t length = 0;

	while (end > text && strchr(" =:('\"-", end[-1]))
		end--;
	while (end - length > text && is_word(end[-(ptrdiff_t)length - 1]))
		length++;
	return end != at && length && hint_of(end - length, length, kinds);
}

/* "(99)" and "(99: " behind a space, a comma or at the start; "main.c(99)" and "sshd[99]" are
 * something else. */
static bool is_in_brackets(const char *text, const char *at, const char *end)
{
	const char *sign = at > text && at[-1] == '-' ? at - 1 : at;

	return sign > text && sign[-1] == '(' && (*end == ')' || *end == ':') &&
	       (sign - 1 == text || strchr(" ,\"'\t", sign[-2]));
}

/* A Winsock code is five digits that no port or process has behind a bracket or a space. */
static bool is_winsock(const struct number *number, const char *text, const char *at)
{
	return number->value >= 10000 && number->value < 11100 && at > text &&
	       strchr("([ ", at[-1]);
}

void number_look_up_inside(struct lookup *lookup, const char *text)
{
	const char *at = text;

	while (*at) {
		unsigned kinds = 1U << TOPIC_ERROR | 1U << TOPIC_WINSOCK;
		struct number number;
		size_t length = number_parse(at, &number);

		if (!length) {
			length = 1;
			while (is_word(at[0]) && is_word(at[length]))
				length++;
		} else if (number.hexadecimal && number.value > UINT16_MAX) {
			number_look_up(lookup, &number, 0);
		} else if (has_hint_before(text, at, &kinds) ||
			   is_in_brackets(text, at, at + length)) {
			number_look_up(lookup, &number, kinds);
		} else if (is_winsock(&number, text, at)) {
			number_look_up(lookup, &number, 1U << TOPIC_WINSOCK);
		}
		at += length;
	}
}
