#include "source/artefact/windows/netstat_state.h"

#include <string.h>

/* ---- words ---- */

/*
 * netstat.exe of most languages has the English words; what German has was seen in listings of it, in code page 850,
 * 1252 and UTF-8. Old and odd forms of the English ones are of Windows XP.
 */
static const struct {
	const char *text;
	uint8_t state;
} known[] = {
	{ "ESTABLISHED", SOCKET_ESTABLISHED },
	{ "TIME_WAIT", SOCKET_TIME_WAIT },
	{ "LISTENING", SOCKET_LISTEN },
	{ "CLOSE_WAIT", SOCKET_CLOSE_WAIT },
	{ "BOUND", SOCKET_BOUND },
	{ "FIN_WAIT_1", SOCKET_FIN_WAIT1 },
	{ "FIN_WAIT_2", SOCKET_FIN_WAIT2 },
	{ "SYN_SENT", SOCKET_SYN_SENT },
	{ "SYN_RECEIVED", SOCKET_SYN_RECV },
	{ "SYN_RCVD", SOCKET_SYN_RECV },
	{ "LAST_ACK", SOCKET_LAST_ACK },
	{ "CLOSING", SOCKET_CLOSING },
	{ "CLOSED", SOCKET_CLOSE },
	{ "DELETE_TCB", SOCKET_CLOSE },
	{ "LISTEN", SOCKET_LISTEN },
	{ "HERGESTELLT", SOCKET_ESTABLISHED },
	{ "WARTEND", SOCKET_TIME_WAIT },
	{ "SCHLIESSEN_WARTEN", SOCKET_CLOSE_WAIT },
	{ "FIN_WARTEN_1", SOCKET_FIN_WAIT1 },
	{ "FIN_WARTEN_2", SOCKET_FIN_WAIT2 },
	{ "SYN_GESENDET", SOCKET_SYN_SENT },
	{ "ABH\x99REN", SOCKET_LISTEN },
	{ "ABH\xD6REN", SOCKET_LISTEN },
	{ "ABH\xC3\x96REN", SOCKET_LISTEN },
};

static void look_up(struct netstat_word *word)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (word->length == strlen(known[i].text) &&
		    !memcmp(word->text, known[i].text, word->length)) {
			word->is_known = true;
			word->state = known[i].state;
			return;
		}
}

static bool is_word(const struct netstat_word *word, struct span text)
{
	return word->length == text.length && !memcmp(word->text, text.text, text.length);
}

/* Where there are too many different ones the last stands for all of those. */
static struct netstat_word *find(struct netstat_words *words, struct span text)
{
	struct netstat_word *word;

	if (text.length > NETSTAT_WORD_LENGTH)
		text.length = NETSTAT_WORD_LENGTH;
	if (words->count && is_word(&words->items[words->latest], text))
		return &words->items[words->latest];
	for (size_t i = 0; i < words->count; i++)
		if (is_word(&words->items[i], text)) {
			words->latest = i;
			return &words->items[i];
		}
	if (words->count == NETSTAT_WORDS_MOST)
		return &words->items[words->count - 1];
	words->latest = words->count;
	word = &words->items[words->count++];
	memcpy(word->text, text.text, text.length);
	word->length = (uint8_t)text.length;
	look_up(word);
	return word;
}

/* ---- rows ---- */

static bool has_peer(const struct dossier_socket *socket)
{
	return socket->remote_port != 0;
}

void netstat_words_judge(struct netstat_words *words, struct span state,
			 struct dossier_socket *socket)
{
	struct netstat_word *word;

	if (socket->protocol == PROTOCOL_UDP) {
		socket->state = has_peer(socket) ? SOCKET_ESTABLISHED : SOCKET_UNCONNECTED;
		return;
	}
	word = find(words, state);
	socket->mark = (uint8_t)(word - words->items);
	if (!has_peer(socket)) {
		socket->remote = (struct address){ 0 };
		if (!word->without_peer || socket->local_port < word->lowest)
			word->lowest = socket->local_port;
		word->without_peer = true;
	}
	if (word->is_known)
		socket->state = word->state;
	else if (has_peer(socket))
		socket->state = socket->pid ? SOCKET_ESTABLISHED : SOCKET_TIME_WAIT;
	else
		words->is_open = true;
	if (socket->state == SOCKET_TIME_WAIT)
		socket->age = AGE_YOUNG; /* nobody tells */
}

static bool is_there(const struct netstat_words *words, enum socket_state state)
{
	for (size_t i = 0; i < words->count; i++)
		if (words->items[i].is_known && words->items[i].without_peer &&
		    words->items[i].state == state)
			return true;
	return false;
}

/* Two unknown words: services have the low ports, of which Windows always has some (135 of the RPC endpoint mapper). */
static const struct netstat_word *listening_word(const struct netstat_words *words)
{
	const struct netstat_word *lowest = NULL;

	for (size_t i = 0; i < words->count; i++) {
		const struct netstat_word *word = &words->items[i];

		if (!word->is_known && word->without_peer &&
		    (!lowest || word->lowest < lowest->lowest))
			lowest = word;
	}
	return lowest;
}

void netstat_words_settle(struct netstat_words *words, struct dossier_socket *sockets,
			  size_t count)
{
	const struct netstat_word *listening = listening_word(words);

	if (!words->is_open)
		return;
	if (is_there(words, SOCKET_LISTEN))
		listening = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct netstat_word *word = &words->items[sockets[i].mark];

		if (sockets[i].protocol != PROTOCOL_TCP || has_peer(&sockets[i]) ||
		    word->is_known)
			continue;
		sockets[i].state = word == listening || is_there(words, SOCKET_BOUND) ?
					   SOCKET_LISTEN :
					   SOCKET_BOUND;
	}
}
