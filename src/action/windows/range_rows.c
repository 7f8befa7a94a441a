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

	netsh_rows_read(&told, netsh, false, &arena);
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

/* Its netsh was ended before it said so, and may have done it all the same; for the next start nobody can see that. */
static bool was_taken(const struct netsh *netsh, int protocol, int i, struct port_range range,
		      bool persistent)
{
	struct range_rows now;
	struct error error;

	return !persistent && !range_rows_read(netsh, &now, &error) &&
	       range_row_is(now.rows[protocol][i], range);
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
	netsh->run(netsh, &call, 1);
	if ((call.end != NETSH_ENDED || call.status) &&
	    !(call.end == NETSH_HUNG && was_taken(netsh, protocol, i, range, persistent)))
		result = error_set(error, "%s: %.300s", range_row_name(protocol, i),
				   netsh_why(&call, &arena));
	netsh_free(&call, 1);
	arena_free(&arena);
	return result;
}

int range_rows_set(const struct netsh *netsh, const struct range_rows *rows,
		   bool chosen[PROTOCOL_COUNT][RANGE_FAMILIES], bool persistent,
		   struct error *error)
{
	range_each_row(protocol, i)
	{
		if (chosen[protocol][i] &&
		    set_row(netsh, protocol, i, rows->rows[protocol][i], persistent, error))
			return -1;
	}
	return 0;
}
