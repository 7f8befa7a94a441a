#include "source/windows/range/netsh_rows.h"

#include "base/error.h"
#include "snapshot/address.h"
#include "source/artefact/windows/netsh_output.h"
#include "source/windows/range/netsh_command.h"
#include "system/clock.h"

#include <stdio.h>

enum { FAMILIES = 2, ROWS = PROTOCOL_COUNT * FAMILIES };

const char *const netsh_family_words[2] = { "ipv4", "ipv6" };

static struct windows_range *row_at(struct netsh_rows *rows, int row)
{
	return &rows->rows[row / FAMILIES][row % FAMILIES];
}

/* Why it was not told; NULL: it was. */
static const char *take(struct netsh_rows *rows, const struct netsh_call *call, int row,
			bool excluded, struct arena *arena)
{
	const enum protocol protocol = (enum protocol)(row / FAMILIES);
	const uint8_t family = row % FAMILIES ? FAMILY_IPV6 : FAMILY_IPV4;
	struct windows_range *range = row_at(rows, row);
	struct error error;
	int result;

	if (call->end != NETSH_ENDED || !call->size)
		return netsh_why(call, arena);
	result = excluded ? netsh_output_excluded(call->output, call->size, protocol, family,
						  range, &error) :
			    netsh_output_range(call->output, call->size, protocol, family,
					       &range->range, &error);
	if (!result)
		return NULL;
	return call->status ? netsh_why(call, arena) : arena_copy(arena, error.text);
}

static void note(struct netsh_rows *rows, int row, bool excluded, const char *why)
{
	rows->told += !why;
	if (!excluded)
		row_at(rows, row)->why_untold = why;
	if (!rows->why_not)
		rows->why_not = why;
}

static void ask(struct netsh_call *call, int row, const char *format)
{
	snprintf(call->arguments, sizeof call->arguments, format,
		 netsh_family_words[row % FAMILIES],
		 protocol_name((enum protocol)(row / FAMILIES)));
}

void netsh_rows_read(struct netsh_rows *rows, const struct netsh *netsh, enum netsh_what what,
		     struct arena *arena)
{
	const char *const ranges = what == NETSH_NEXT_RANGES ?
					   "int %s show dynamicport %s store=persistent" :
					   "int %s show dynamicport %s";
	const bool excluded = what == NETSH_RANGES_AND_EXCLUDED;
	struct netsh_call calls[2 * ROWS] = { { .size = 0 } };
	const int count = excluded ? 2 * ROWS : ROWS;
	const double started = clock_monotonic_s();

	*rows = (struct netsh_rows){ .asked = (unsigned)count };
	for (int i = 0; i < count; i++)
		ask(&calls[i], i % ROWS,
		    i < ROWS ? ranges : "int %s show excludedportrange protocol=%s");
	netsh_ask(netsh, calls, (size_t)count);
	rows->milliseconds = (clock_monotonic_s() - started) * 1e3;
	for (int i = 0; i < count; i++)
		note(rows, i % ROWS, i >= ROWS,
		     take(rows, &calls[i], i % ROWS, i >= ROWS, arena));
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
