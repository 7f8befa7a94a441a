#include "knowledge/messages.h"

#include <stdint.h>
#include <string.h>

/*
 * Which message of the table a text is: the first whose pieces stand in it, in their order.
 */

static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

bool message_begins(const char *text, const char *piece, size_t length)
{
	size_t i = 0;

	while (i < length && lower(text[i]) == lower(piece[i]))
		i++;
	return i == length;
}

const char *message_piece(const char *text, const char *piece, size_t length)
{
	for (; *text; text++)
		if (message_begins(text, piece, length))
			return text;
	return NULL;
}

static bool fits(const struct message *message, const char *text)
{
	const char *fragment = message->fragments;

	while (*fragment) {
		size_t length = strcspn(fragment, "|");

		text = message_piece(text, fragment, length);
		if (!text)
			return false;
		text += length;
		fragment += length + (fragment[length] == '|');
	}
	return true;
}

const char *message_begin(const struct message *message, const char *text)
{
	return message_piece(text, message->fragments, strcspn(message->fragments, "|"));
}

const struct message *message_find(const char *text)
{
	for (const struct message *message = messages; message->fragments; message++)
		if (fits(message, text))
			return message;
	return NULL;
}

/* ---- many lines ---- */

/* Most lines of a log are no message, and most messages can be told not to fit without a look at the text: three letters
 * of theirs stand nowhere in it. */
enum { SIEVE_BITS = 4096 };

struct sieve {
	uint64_t bits[SIEVE_BITS / 64];
};

static unsigned sieve_bit(const char *text)
{
	return ((unsigned char)lower(text[0]) * 961U + (unsigned char)lower(text[1]) * 31U +
		(unsigned char)lower(text[2])) %
	       SIEVE_BITS;
}

static struct sieve sieve_of(const char *text)
{
	struct sieve sieve = { 0 };

	if (!text[0] || !text[1])
		return sieve;
	for (; text[2]; text++) {
		unsigned bit = sieve_bit(text);

		sieve.bits[bit / 64] |= UINT64_C(1) << bit % 64;
	}
	return sieve;
}

static bool may_have(const struct sieve *sieve, const char *piece, size_t length)
{
	unsigned first, last;

	if (length < 3)
		return true;
	first = sieve_bit(piece);
	last = sieve_bit(piece + length - 3);
	return sieve->bits[first / 64] >> first % 64 & 1 &&
	       sieve->bits[last / 64] >> last % 64 & 1;
}

static bool may_fit(const struct sieve *sieve, const struct message *message)
{
	for (const char *fragment = message->fragments; *fragment;) {
		size_t length = strcspn(fragment, "|");

		if (!may_have(sieve, fragment, length))
			return false;
		fragment += length + (fragment[length] == '|');
	}
	return true;
}

static const struct message *find_of(const char *text, bool kernel)
{
	struct sieve sieve = sieve_of(text);

	for (const struct message *message = messages; message->fragments; message++)
		if (!message->kernel == !kernel && may_fit(&sieve, message) &&
		    fits(message, text))
			return message;
	return NULL;
}

const struct message *message_find_kernel(const char *text)
{
	return find_of(text, true);
}

const struct message *message_find_program(const char *text)
{
	return find_of(text, false);
}

bool message_is_about_ports(const struct message *message)
{
	static const char *const topics[] = { "EADDRNOTAVAIL", "EADDRINUSE", "EMFILE",
					      "ENFILE" };

	if (message->exhaustion == EXHAUSTION_LIKELY ||
	    message->exhaustion == EXHAUSTION_MAYBE)
		return true;
	for (size_t i = 0; message->topic && i < sizeof topics / sizeof topics[0]; i++)
		if (!strcmp(message->topic, topics[i]))
			return true;
	return false;
}
