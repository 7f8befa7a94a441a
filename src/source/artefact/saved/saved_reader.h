#pragma once

#include "snapshot/saved.h"
#include "source/artefact/saved/saved.h"
#include "source/artefact/text/json_tokens.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * Between the files that read a snapshot: how its tables are read, whatever is in them. Rows name each other by their number
 * in the file; what a row became here is kept, since those of namespaces that were not asked for are left out.
 */
struct saved_reader {
	const struct saved_request *request;
	struct json_tokens tokens;
	struct snapshot *snapshot;
	struct error *error;
	const char *names; /* of the first namespaces, for a sentence */
	const char *table; /* where it is, for another */
	size_t row;

	/* By row of the file, what it is here; SAVED_LEFT_OUT: it is of another namespace. */
	uint32_t *namespaces, *processes, *tuples;
	size_t namespace_rows, process_rows, tuple_rows;

	uint32_t sockets, ports; /* so far */
};

#define SAVED_LEFT_OUT UINT32_MAX

/* -1, with a sentence that names the table, the row and the key. */
int saved_fail(struct saved_reader *reader, const char *key, const char *what);
int saved_fail_value(struct saved_reader *reader, const char *key);

struct arena *saved_arena(struct saved_reader *reader);

/* ---- tables: saved_rows.c ---- */

/* All fields of the table. 0, or -1 with a sentence. */
int saved_read_item(struct saved_reader *reader, size_t object,
		    const struct saved_table *table, void *item);

/* The list of that table; 0: there is none, or it is too long. */
size_t saved_find_rows(struct saved_reader *reader, const struct saved_table *table);

/* Takes over what it keeps and returns 1; 0: the row is left out; -1 with a sentence. */
typedef int saved_take_row(struct saved_reader *reader, size_t object, void *item);

int saved_read_rows(struct saved_reader *reader, const struct saved_table *table,
		    saved_take_row *take);

/* From a row of the file to what it is here: 1; 0: it was left out; -1 with a sentence. */
int saved_translate(struct saved_reader *reader, const char *key, uint32_t *index,
		    const uint32_t *rows, size_t count);
int saved_translate_netns(struct saved_reader *reader, uint32_t *index);

/* ---- what is in them; each 0, or -1 with a sentence ---- */

int saved_read_namespaces(struct saved_reader *reader); /* saved_netns.c, as the next */
int saved_read_processes(struct saved_reader *reader);
int saved_read_holdings(struct saved_reader *reader); /* saved_sockets.c, as the next */
int saved_read_nat(struct saved_reader *reader);
int saved_read_windows(struct saved_reader *reader); /* saved_windows.c, as the next */
int saved_read_logs(struct saved_reader *reader);
