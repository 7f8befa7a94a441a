#include "source/artefact/windows/prompt.h"

#include "source/artefact/text/stamp.h"

#include <string.h>

const struct prompt prompt_unknown = { .state = -1 };

/* learn.microsoft.com, MSFT_NetTCPConnection, State. DeleteTCB is of no use to anybody any more. */
static const struct {
	const char *name;
	unsigned number;
	enum socket_state state;
} states[] = {
	{ "Closed", 1, SOCKET_CLOSE },
	{ "Listen", 2, SOCKET_LISTEN },
	{ "SynSent", 3, SOCKET_SYN_SENT },
	{ "SynReceived", 4, SOCKET_SYN_RECV },
	{ "Established", 5, SOCKET_ESTABLISHED },
	{ "FinWait1", 6, SOCKET_FIN_WAIT1 },
	{ "FinWait2", 7, SOCKET_FIN_WAIT2 },
	{ "CloseWait", 8, SOCKET_CLOSE_WAIT },
	{ "Closing", 9, SOCKET_CLOSING },
	{ "LastAck", 10, SOCKET_LAST_ACK },
	{ "TimeWait", 11, SOCKET_TIME_WAIT },
	{ "DeleteTCB", 12, SOCKET_CLOSE },
	{ "Bound", 100, SOCKET_BOUND },
};

bool prompt_state(struct span text, enum socket_state *state)
{
	uint64_t number = 0;
	bool is_number = span_number(text, 255, &number);

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (is_number ? states[i].number == number :
				span_is_like(text, states[i].name)) {
			*state = states[i].state;
			return true;
		}
	return false;
}

/* ---- what was left out ---- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* -State Bound; $_.State -eq 'Bound'; State -EQ Bound */
static int find_state(struct span text)
{
	enum socket_state state;
	size_t at = 0, from;

	while (at < text.length) {
		while (at < text.length && !is_letter(text.text[at]))
			at++;
		from = at;
		while (at < text.length && is_letter(text.text[at]))
			at++;
		if (at - from > 3 &&
		    prompt_state((struct span){ text.text + from, at - from }, &state))
			return (int)state;
	}
	return -1;
}

static bool is_filtered(struct span text)
{
	static const char *const signs[] = {
		"where",
		"? {",
		"?{",
		" -state",
		" -local",
		" -remote",
		" -owningprocess",
		" -appliedsetting",
		" -first",
		" -last",
		" -skip",
		" -unique",
		"select-str",
		"findstr",
		"sls ",
		" -creationtime",
	};

	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (span_has(text, signs[i]))
			return true;
	return false;
}

/* ---- what it is of ---- */

static enum prompt_subject subject_of(struct span text)
{
	if (span_has(text, "NetTCPConnection"))
		return SUBJECT_TCP;
	if (span_has(text, "NetUDPEndpoint"))
		return SUBJECT_UDP;
	if (span_has(text, "Get-Process") || span_has(text, "Diagnostics.Process"))
		return SUBJECT_PROCESS;
	return SUBJECT_UNKNOWN;
}

void prompt_read(struct prompt *prompt, struct span text)
{
	*prompt = prompt_unknown;
	prompt->subject = subject_of(text);
	if (prompt->subject != SUBJECT_TCP && prompt->subject != SUBJECT_UDP)
		return;
	prompt->filtered = is_filtered(text);
	prompt->state = prompt->filtered ? find_state(text) : -1;
}

static void find_stamp(struct prompt *prompt, struct span text)
{
	struct stamp stamp;
	struct span where;

	if (*prompt->stamp || !stamp_find(text, &stamp, &where) || !stamp.has_date ||
	    where.length >= sizeof prompt->stamp)
		return;
	memcpy(prompt->stamp, where.text, where.length);
	prompt->stamp[where.length] = '\0';
}

/* "   ProviderName: Tcpip" */
static void find_provider(struct prompt *prompt, struct span text)
{
	static const char name[] = "ProviderName:";
	size_t length = sizeof name - 1;

	if (*prompt->provider || text.length <= length || memcmp(text.text, name, length) != 0)
		return;
	for (text.text += length, text.length -= length; text.length && *text.text == ' ';
	     text.length--)
		text.text++;
	if (text.length >= sizeof prompt->provider)
		return;
	memcpy(prompt->provider, text.text, text.length);
	prompt->provider[text.length] = '\0';
}

/* The latest of the lines before that names one. */
void prompt_find(struct prompt *prompt, const struct text_context *context)
{
	struct prompt found = prompt_unknown;

	*prompt = prompt_unknown;
	for (int i = 0; i < CONTEXT_LINES; i++) {
		const struct span text = { context->before[i], strlen(context->before[i]) };

		if (!prompt->subject)
			prompt_read(prompt, text);
		find_stamp(&found, text);
		find_provider(&found, text);
	}
	memcpy(prompt->provider, found.provider, sizeof prompt->provider);
	memcpy(prompt->stamp, found.stamp, sizeof prompt->stamp);
}
