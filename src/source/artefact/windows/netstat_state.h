#pragma once

#include "source/artefact/dossier.h"

/*
 * What state a row is in, whatever the language. A remote port of 0 is a port that listens or is bound; pid 0 with a peer is
 * TIME_WAIT; anything else is connected. Words that are known (those of English, which most languages keep, and of German)
 * tell more where they stand there; nothing is wrong without them.
 */
enum { NETSTAT_WORDS_MOST = 16, NETSTAT_WORD_LENGTH = 48 };

struct netstat_words {
	struct netstat_word {
		char text[NETSTAT_WORD_LENGTH];
		uint8_t length;
		bool is_known;
		uint8_t state;	   /* if it is known */
		bool without_peer; /* rows with remote port 0 have it */
		uint16_t lowest;   /* local port of these */
	} items[NETSTAT_WORDS_MOST];
	size_t count, latest;
	bool is_open; /* rows of which the state cannot be told before all were seen */
};

/* Sets socket->state, or leaves it to netstat_words_settle(). */
void netstat_words_judge(struct netstat_words *words, struct span state,
			 struct dossier_socket *socket);

/* All rows were seen. */
void netstat_words_settle(struct netstat_words *words, struct dossier_socket *sockets,
			  size_t count);
