#include "source/artefact/linux/listing.h"

#include <string.h>

size_t listing_find(struct span span, const char *text)
{
	const size_t length = strlen(text);
	const char *at = span.text, *end = span.text + span.length;

	while (length && (size_t)(end - at) >= length) {
		at = memchr(at, text[0], (size_t)(end - at) - length + 1);
		if (!at)
			break;
		if (!memcmp(at, text, length))
			return (size_t)(at - span.text);
		at++;
	}
	return span.length;
}

struct span listing_behind(struct span span, size_t at)
{
	at = at < span.length ? at : span.length;
	return (struct span){ span.text + at, span.length - at };
}

bool listing_begins(const struct line *line, const char *text)
{
	const struct span trimmed = line_trimmed(line);
	const size_t length = strlen(text);

	return trimmed.length >= length && !memcmp(trimmed.text, text, length);
}

bool listing_endpoint(struct span span, struct address *address, uint16_t *port)
{
	const char *zone = span.length ? memchr(span.text, '%', span.length) : NULL;
	char text[ADDRESS_TEXT_SIZE];
	size_t colon = span.length, before;

	if (!zone)
		return span_endpoint(span, address, port);
	while (colon && span.text[colon - 1] != ':')
		colon--;
	before = (size_t)(zone - span.text);
	if (colon <= before || before + span.length - colon + 1 >= sizeof text)
		return span_endpoint(span, address, port);
	memcpy(text, span.text, before);
	memcpy(text + before, span.text + colon - 1, span.length - colon + 1);
	return span_endpoint((struct span){ text, before + span.length - colon + 1 }, address,
			     port);
}

enum socket_state listing_state(struct span word)
{
	static const struct {
		const char *word;
		enum socket_state state;
	} words[] = {
		{ "ESTAB", SOCKET_ESTABLISHED },     { "ESTABLISHED", SOCKET_ESTABLISHED },
		{ "SYN-SENT", SOCKET_SYN_SENT },     { "SYN_SENT", SOCKET_SYN_SENT },
		{ "SYN-RECV", SOCKET_SYN_RECV },     { "SYN_RECV", SOCKET_SYN_RECV },
		{ "NEW-SYN-RECV", SOCKET_SYN_RECV }, { "NEW_SYN_RECV", SOCKET_SYN_RECV },
		{ "FIN-WAIT-1", SOCKET_FIN_WAIT1 },  { "FIN_WAIT1", SOCKET_FIN_WAIT1 },
		{ "FIN-WAIT-2", SOCKET_FIN_WAIT2 },  { "FIN_WAIT2", SOCKET_FIN_WAIT2 },
		{ "TIME-WAIT", SOCKET_TIME_WAIT },   { "TIME_WAIT", SOCKET_TIME_WAIT },
		{ "CLOSE-WAIT", SOCKET_CLOSE_WAIT }, { "CLOSE_WAIT", SOCKET_CLOSE_WAIT },
		{ "LAST-ACK", SOCKET_LAST_ACK },     { "LAST_ACK", SOCKET_LAST_ACK },
		{ "LISTEN", SOCKET_LISTEN },	     { "CLOSING", SOCKET_CLOSING },
		{ "UNCONN", SOCKET_CLOSE },	     { "CLOSE", SOCKET_CLOSE },
		{ "CLOSED", SOCKET_CLOSE },	     { "BOUND-INACTIVE", SOCKET_CLOSE },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_is(word, words[i].word))
			return words[i].state;
	return SOCKET_STATE_COUNT;
}

void listing_complete(struct dossier_socket *socket)
{
	if (socket->remote_port || (socket->remote.family && !address_is_any(&socket->remote)))
		return;
	socket->remote = (struct address){ .family = socket->local.family };
}

/* ---- the command before it ---- */

static bool is_word_end(char c)
{
	return !c || c == ' ' || c == '\t' || c == '/' || c == '#' || c == '$' || c == '>' ||
	       c == '\'' || c == '"' || c == '`';
}

static struct span find_command(const char *line, const char *program)
{
	const size_t length = strlen(program);

	for (const char *at = strstr(line, program); at; at = strstr(at + 1, program)) {
		if (at > line && !is_word_end(at[-1]))
			continue;
		if (at[length] == ' ' || !at[length])
			return (struct span){ at + length, strlen(at + length) };
	}
	return (struct span){ NULL, 0 };
}

struct span listing_command(const struct text_context *context, const char *program)
{
	for (int i = 0; i < 2; i++) {
		struct span command = find_command(context->before[i], program);

		if (command.text)
			return command;
	}
	return (struct span){ "", 0 };
}

static bool next_word(struct span *rest, struct span *word)
{
	while (rest->length && (*rest->text == ' ' || *rest->text == '\t')) {
		rest->text++;
		rest->length--;
	}
	*word = (struct span){ rest->text, 0 };
	while (rest->length && *rest->text != ' ' && *rest->text != '\t') {
		rest->text++;
		rest->length--;
		word->length++;
	}
	return word->length && *word->text != '|' && *word->text != '>' && *word->text != ';';
}

bool command_has_letter(struct span command, char letter)
{
	struct span word;

	while (next_word(&command, &word))
		if (word.length > 1 && word.text[0] == '-' && word.text[1] != '-' &&
		    memchr(word.text, letter, word.length))
			return true;
	return false;
}

bool command_has_word(struct span command, const char *text)
{
	struct span word;

	while (next_word(&command, &word))
		if (span_is_like(word, text))
			return true;
	return false;
}
