#include "action/windows/range_change.h"

#include "action/windows/range_rows.h"
#include "base/language.h"

static bool any(bool rows[PROTOCOL_COUNT][RANGE_FAMILIES])
{
	range_each_row(protocol, i)
	{
		if (rows[protocol][i])
			return true;
	}
	return false;
}

static bool is_row(const struct range_rows *one, const struct range_rows *other, int protocol,
		   int i)
{
	return range_row_is(one->rows[protocol][i], other->rows[protocol][i]);
}

/* ---- there ---- */

/* A netsh that says "Ok." and one that does nothing look alike until it is read back. */
static int refuse_untaken(const struct range_request *request, const struct range_rows *now,
			  struct error *error)
{
	range_each_row(protocol, i)
	{
		const struct port_range range = now->rows[protocol][i];

		if (request->wanted[protocol][i] && !is_row(now, &request->after, protocol, i))
			return error_set(
				error,
				_("%s was not taken: netsh ended without an error, and %u-%u "
				  "is set"),
				range_row_name(protocol, i), range.first, range.last);
	}
	return 0;
}

static int set_and_read(const struct netsh *netsh, const struct range_request *request,
			struct range_rows *now, struct error *error)
{
	struct range_request copy = *request;

	if (range_rows_set(netsh, &copy.after, copy.wanted, copy.persistent, error) ||
	    range_rows_read(netsh, now, error))
		return -1;
	return refuse_untaken(request, now, error);
}

/* ---- and back ---- */

/* Rows that are not as they were; those that cannot be read are tried as well. */
static void find_changed(const struct range_rows *before, const struct range_rows *now,
			 bool changed[PROTOCOL_COUNT][RANGE_FAMILIES])
{
	range_each_row(protocol, i)
	{
		changed[protocol][i] = !is_row(before, now, protocol, i);
	}
}

static int put_back(const struct netsh *netsh, const struct range_request *request,
		    struct error *error)
{
	bool changed[PROTOCOL_COUNT][RANGE_FAMILIES];
	const struct error cause = *error;
	struct range_rows now;
	struct error more;

	(void)range_rows_read(netsh, &now, &more);
	find_changed(&request->before, &now, changed);
	if (!any(changed))
		return error_set(error, _("%.400s; nothing was changed"), cause.text);
	(void)range_rows_set(netsh, &request->before, changed, request->persistent, &more);
	if (!range_rows_read(netsh, &now, &more)) {
		find_changed(&request->before, &now, changed);
		if (!any(changed))
			return error_set(error,
					 _("%.400s; what was changed before that was set "
					   "back, and read back"),
					 cause.text);
	}
	error_set(error,
		  _("%.240s; and what was changed before that could not be set back: %.200s"),
		  cause.text, more.text);
	range_each_row(protocol, i)
	{
		if (changed[protocol][i] && port_range_known(now.rows[protocol][i]))
			error_set(error,
				  _("%.240s; and %s could not be set back, it is %u-%u"),
				  cause.text, range_row_name(protocol, i),
				  now.rows[protocol][i].first, now.rows[protocol][i].last);
	}
	return -2;
}

int range_change_do(const struct netsh *netsh, const struct range_request *request,
		    struct range_rows *now, struct error *error)
{
	return set_and_read(netsh, request, now, error) ? put_back(netsh, request, error) : 0;
}

/* ---- undone ---- */

static int tell_stranger(const struct range_rows *before, const struct range_rows *now,
			 struct error *error)
{
	range_each_row(protocol, i)
	{
		const struct port_range range = now->rows[protocol][i];

		if (is_row(before, now, protocol, i))
			continue;
		error_set(
			error,
			_("somebody else has set %s since, to %u-%u; that was left as it is"),
			range_row_name(protocol, i), range.first, range.last);
		return 1;
	}
	return 0;
}

int range_change_back(const struct netsh *netsh, const struct range_record *record,
		      struct error *error)
{
	bool chosen[PROTOCOL_COUNT][RANGE_FAMILIES] = { { false } };
	struct range_rows now;

	if (range_rows_read(netsh, &now, error))
		return -1;
	range_each_row(protocol, i)
	{
		chosen[protocol][i] = is_row(&now, &record->after, protocol, i) &&
				      !is_row(&now, &record->before, protocol, i);
	}
	if (any(chosen) &&
	    (range_rows_set(netsh, &record->before, chosen, record->persistent, error) ||
	     range_rows_read(netsh, &now, error)))
		return -1;
	range_each_row(protocol, i)
	{
		if (chosen[protocol][i] && is_row(&now, &record->after, protocol, i))
			return error_set(error,
					 _("%s was not taken: netsh ended without an error, "
					   "and %u-%u is set"),
					 range_row_name(protocol, i),
					 now.rows[protocol][i].first,
					 now.rows[protocol][i].last);
	}
	return tell_stranger(&record->before, &now, error);
}

int range_change_refuse_stranger(const struct netsh *netsh, const struct range_rows *known,
				 struct error *error)
{
	struct range_rows now;

	if (range_rows_read(netsh, &now, error))
		return -1;
	range_each_row(protocol, i)
	{
		if (!is_row(known, &now, protocol, i))
			return error_set(
				error,
				_("somebody else has changed the range meanwhile; try again"));
	}
	return 0;
}
