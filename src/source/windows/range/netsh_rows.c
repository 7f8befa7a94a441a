#include "source/windows/range/netsh_rows.h"

#include "base/error.h"
#include "snapshot/address.h"
#include "source/artefact/windows/netsh_output.h"
#include "source/windows/range/netsh_command.h"

#include <stdio.h>

enum { FAMILIES = 2, ROWS = PROTOCOL_COUNT * FAMILIES };

const char *const netsh_family_words[2] = { "ipv4", "ipv6" };

static void note_why(struct netsh_rows *rows, const char *why)
{
	if (!rows->why_not)
		rows->why_not = why;
}

static void take(struct netsh_rows *rows, const struct netsh_call *call, int row,
		 bool excluded, struct arena *arena)
{
	const enum protocol protocol = (enum protocol)(row / FAMILIES);
	const uint8_t family = row % FAMILIES ? FAMILY_IPV6 : FAMILY_IPV4;
	struct windows_range *range = &rows->rows[protocol][row % FAMILIES];
	struct error error;
	int result;

	if (call->end != NETSH_ENDED || !call->size) {
		note_why(rows, netsh_why(call, arena));
		return;
	}
	result = excluded ? netsh_output_excluded(call->output, call->size, protocol, family,
						  range, &error) :
			    netsh_output_range(call->output, call->size, protocol, family,
					       &range->range, &error);
	if (!result)
		rows->told++;
	else
		note_why(rows, call->status ? netsh_why(call, arena) :
					      arena_copy(arena, error.text));
}

static void ask(struct netsh_call *call, int row, bool excluded)
{
	snprintf(call->arguments, sizeof call->arguments,
		 excluded ? "int %s show excludedportrange protocol=%s" :
			    "int %s show dynamicport %s",
		 netsh_family_words[row % FAMILIES],
		 protocol_name((enum protocol)(row / FAMILIES)));
}

void netsh_rows_read(struct netsh_rows *rows, const struct netsh *netsh, bool excluded,
		     struct arena *arena)
{
	struct netsh_call calls[2 * ROWS] = { { .size = 0 } };
	const int count = excluded ? 2 * ROWS : ROWS;

	*rows = (struct netsh_rows){ .asked = (unsigned)count };
	for (int i = 0; i < count; i++)
		ask(&calls[i], i % ROWS, i >= ROWS);
	netsh->run(netsh, calls, (size_t)count);
	for (int i = 0; i < count; i++) {
		take(rows, &calls[i], i % ROWS, i >= ROWS, arena);
		if (calls[i].milliseconds > rows->milliseconds)
			rows->milliseconds = calls[i].milliseconds;
	}
	netsh_free(calls, (size_t)count);
}

void netsh_rows_free(struct netsh_rows *rows)
{
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		for (int i = 0; i < FAMILIES; i++) {
			port_set_free(&rows->rows[protocol][i].excluded);
			port_set_free(&rows->rows[protocol][i].reserved_at_run);
		}
}
