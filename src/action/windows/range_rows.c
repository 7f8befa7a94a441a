#include "action/windows/range_rows.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/windows/range/netsh_command.h"
#include "source/windows/range/netsh_rows.h"

#include <stdio.h>

bool range_row_is(struct port_range one, struct port_range other)
{
	return one.first == other.first && one.last == other.last;
}

const char *range_row_name(int protocol, int family)
{
	static const char *const names[PROTOCOL_COUNT][RANGE_FAMILIES] = {
		[PROTOCOL_TCP] = { "tcp ipv4", "tcp ipv6" },
		[PROTOCOL_UDP] = { "udp ipv4", "udp ipv6" },
	};

	return names[protocol][family];
}

int range_rows_read(const struct netsh *netsh, struct range_rows *rows, struct error *error)
{
	struct arena arena = { 0 };
	struct netsh_rows told;
	int result = 0;

	netsh_rows_read(&told, netsh, NETSH_RANGES, &arena);
	range_each_row(protocol, i)
	{
		const struct windows_range *row = &told.rows[protocol][i];

		rows->rows[protocol][i] = row->range;
		if (row->why_untold && !result)
			result = error_set(error, _("%s cannot be read: %.300s"),
					   range_row_name(protocol, i), row->why_untold);
	}
	netsh_rows_free(&told);
	arena_free(&arena);
	return result;
}

static void read_next(const struct netsh *netsh, struct range_rows *rows)
{
	struct arena arena = { 0 };
	struct netsh_rows told;

	netsh_rows_read(&told, netsh, NETSH_NEXT_RANGES, &arena);
	range_each_row(protocol, i)
	{
		rows->rows[protocol][i] = told.rows[protocol][i].range;
	}
	netsh_rows_free(&told);
	arena_free(&arena);
}

int range_stores_read(const struct netsh *netsh, bool persistent, struct range_stores *stores,
		      struct error *error)
{
	*stores = (struct range_stores){ .active = { .rows = { { { 0, 0 } } } } };
	if (persistent)
		read_next(netsh, &stores->persistent);
	return range_rows_read(netsh, &stores->active, error);
}

/* Its netsh was ended before it said so, and may have done it all the same. */
static bool was_taken(const struct netsh *netsh, int protocol, int i, struct port_range range,
		      bool persistent)
{
	struct range_stores now;
	struct error error;

	return !range_stores_read(netsh, persistent, &now, &error) &&
	       range_row_is(now.active.rows[protocol][i], range) &&
	       (!persistent || range_row_is(now.persistent.rows[protocol][i], range));
}

static int set_row(const struct netsh *netsh, int protocol, int i, struct port_range range,
		   bool persistent, struct error *error)
{
	struct netsh_call call = { .size = 0 };
	struct arena arena = { 0 };
	int result = 0;

	snprintf(call.arguments, sizeof call.arguments,
		 "int %s set dynamicport %s start=%u num=%u store=%s", netsh_family_words[i],
		 protocol_name((enum protocol)protocol), range.first, port_range_size(range),
		 persistent ? "persistent" : "active");
	netsh_tell(netsh, &call);
	if ((call.end != NETSH_ENDED || call.status) &&
	    !(call.end == NETSH_HUNG && was_taken(netsh, protocol, i, range, persistent)))
		result = error_set(error, "%s: %.300s", range_row_name(protocol, i),
				   netsh_why(&call, &arena));
	netsh_free(&call, 1);
	arena_free(&arena);
	return result;
}

static int set_both(const struct netsh *netsh, const struct range_stores *to,
		    const struct range_choice *choice, const struct range_rows *now,
		    int protocol, int i, struct error *error)
{
	const bool next = choice->persistent[protocol][i], soon = choice->active[protocol][i];
	const struct port_range later = to->persistent.rows[protocol][i],
				active = (soon ? &to->active : now)->rows[protocol][i];

	if (next && set_row(netsh, protocol, i, later, true, error))
		return -1;
	if ((!next && !soon) || (next && range_row_is(later, active)))
		return 0;
	return set_row(netsh, protocol, i, active, false, error);
}

int range_stores_set(const struct netsh *netsh, const struct range_stores *to,
		     const struct range_choice *choice, const struct range_rows *now,
		     struct error *error)
{
	range_each_row(protocol, i)
	{
		if (set_both(netsh, to, choice, now, protocol, i, error))
			return -1;
	}
	return 0;
}

struct port_range range_row_changed(const struct range_rows *before,
				    const struct range_rows *rows)
{
	range_each_row(protocol, i)
	{
		if (!range_row_is(before->rows[protocol][i], rows->rows[protocol][i]))
			return rows->rows[protocol][i];
	}
	return rows->rows[0][0];
}
