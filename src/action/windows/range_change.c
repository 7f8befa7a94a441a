#include "action/windows/range_change.h"

#include "action/windows/range_rows.h"
#include "base/language.h"

static bool any(const struct range_choice *rows)
{
	range_each_row(protocol, i)
	{
		if (rows->active[protocol][i] || rows->persistent[protocol][i])
			return true;
	}
	return false;
}

static bool is_row(const struct range_rows *one, const struct range_rows *other, int protocol,
		   int i)
{
	return range_row_is(one->rows[protocol][i], other->rows[protocol][i]);
}

static bool is_known(const struct range_rows *rows, int protocol, int i)
{
	return port_range_known(rows->rows[protocol][i]);
}

/* What to go back to. */
static struct range_stores target_of(const struct range_stores *before)
{
	struct range_stores target = *before;

	range_each_row(protocol, i)
	{
		if (!is_known(&before->persistent, protocol, i))
			target.persistent.rows[protocol][i] = before->active.rows[protocol][i];
	}
	return target;
}

/* ---- there ---- */

/* A netsh that says "Ok." and one that does nothing look alike until it is read back. */
static int not_taken(const struct range_stores *now, int protocol, int i, struct error *error)
{
	const struct port_range range = now->active.rows[protocol][i];

	return error_set(error,
			 _("%s was not taken: netsh ended without an error, and %u-%u is set"),
			 range_row_name(protocol, i), range.first, range.last);
}

static int not_taken_next(const struct range_stores *now, int protocol, int i,
			  struct error *error)
{
	const struct port_range next = now->persistent.rows[protocol][i];

	return error_set(error,
			 _("%s was not taken for the next boot: netsh ended without an error, "
			   "and %u-%u will be set then"),
			 range_row_name(protocol, i), next.first, next.last);
}

static int refuse_untaken(const struct range_request *request, const struct range_stores *now,
			  struct error *error)
{
	range_each_row(protocol, i)
	{
		if (!request->wanted[protocol][i])
			continue;
		if (!is_row(&now->active, &request->after, protocol, i))
			return not_taken(now, protocol, i, error);
		if (is_known(&now->persistent, protocol, i) &&
		    !is_row(&now->persistent, &request->after, protocol, i))
			return not_taken_next(now, protocol, i, error);
	}
	return 0;
}

static int set_and_read(const struct netsh *netsh, const struct range_request *request,
			const struct range_stores *before, struct range_stores *now,
			struct error *error)
{
	const struct range_stores to = { .active = request->after,
					 .persistent = request->after };
	struct range_choice choice;

	range_each_row(protocol, i)
	{
		choice.active[protocol][i] = request->wanted[protocol][i];
		choice.persistent[protocol][i] =
			request->persistent && request->wanted[protocol][i];
	}
	if (range_stores_set(netsh, &to, &choice, &before->active, error) ||
	    range_stores_read(netsh, request->persistent, now, error))
		return -1;
	return refuse_untaken(request, now, error);
}

/* ---- and back ---- */

/* Rows that are not as they were; those that cannot be read are tried as well. */
static struct range_choice find_changed(const struct range_stores *before,
					const struct range_stores *now, bool persistent)
{
	struct range_choice changed;

	range_each_row(protocol, i)
	{
		const bool active = !is_row(&before->active, &now->active, protocol, i);

		changed.active[protocol][i] = active;
		changed.persistent[protocol][i] =
			persistent &&
			(is_known(&before->persistent, protocol, i) ?
				 !is_row(&before->persistent, &now->persistent, protocol, i) :
				 active);
	}
	return changed;
}

static void tell_left(const struct range_choice *changed, const struct range_stores *now,
		      const char *cause, struct error *error)
{
	range_each_row(protocol, i)
	{
		const struct port_range range = now->active.rows[protocol][i],
					next = now->persistent.rows[protocol][i];

		if (changed->persistent[protocol][i] && port_range_known(next))
			error_set(error,
				  _("%.240s; and %s could not be set back for the next boot, "
				    "which sets %u-%u"),
				  cause, range_row_name(protocol, i), next.first, next.last);
		if (changed->active[protocol][i] && port_range_known(range))
			error_set(error,
				  _("%.240s; and %s could not be set back, it is %u-%u"),
				  cause, range_row_name(protocol, i), range.first, range.last);
	}
}

static int put_back(const struct netsh *netsh, const struct range_stores *before,
		    bool persistent, struct error *error)
{
	const struct range_stores target = target_of(before);
	const struct error cause = *error;
	struct range_choice changed;
	struct range_stores now;
	struct error more = { .text = "" };

	(void)range_stores_read(netsh, persistent, &now, &more);
	changed = find_changed(before, &now, persistent);
	if (!any(&changed))
		return error_set(error, _("%.400s; nothing was changed"), cause.text);
	(void)range_stores_set(netsh, &target, &changed, &now.active, &more);
	if (!range_stores_read(netsh, persistent, &now, &more)) {
		changed = find_changed(before, &now, persistent);
		if (!any(&changed))
			return error_set(error,
					 _("%.400s; what was changed before that was set "
					   "back, and read back"),
					 cause.text);
		if (!*more.text)
			error_set(&more, _("netsh does not tell what it is now"));
	}
	error_set(error,
		  _("%.240s; and what was changed before that could not be set back: %.200s"),
		  cause.text, more.text);
	tell_left(&changed, &now, cause.text, error);
	return -2;
}

int range_change_do(const struct netsh *netsh, const struct range_request *request,
		    const struct range_stores *before, struct range_stores *now,
		    struct error *error)
{
	return set_and_read(netsh, request, before, now, error) ?
		       put_back(netsh, before, request->persistent, error) :
		       0;
}

/* ---- undone ---- */

/* What is as the change left it, in either store. */
static struct range_choice find_ours(const struct range_record *record,
				     const struct range_stores *now)
{
	const struct range_stores *before = &record->before, *after = &record->after;
	struct range_choice ours;

	range_each_row(protocol, i)
	{
		const bool active = is_row(&now->active, &after->active, protocol, i) &&
				    !is_row(&now->active, &before->active, protocol, i);

		ours.active[protocol][i] = active;
		ours.persistent[protocol][i] =
			record->persistent &&
			(is_known(&before->persistent, protocol, i) ?
				 is_row(&now->persistent, &after->persistent, protocol, i) &&
					 !is_row(&now->persistent, &before->persistent,
						 protocol, i) :
				 active);
	}
	return ours;
}

static int tell_stranger(const struct range_record *record, const struct range_stores *now,
			 struct error *error)
{
	const struct range_stores *before = &record->before;

	range_each_row(protocol, i)
	{
		const struct port_range range = now->active.rows[protocol][i],
					next = now->persistent.rows[protocol][i];

		if (!is_row(&before->active, &now->active, protocol, i)) {
			error_set(error,
				  _("somebody else has set %s since, to %u-%u; that was left "
				    "as it is"),
				  range_row_name(protocol, i), range.first, range.last);
			return 1;
		}
		if (record->persistent && port_range_known(next) &&
		    is_known(&before->persistent, protocol, i) &&
		    !is_row(&before->persistent, &now->persistent, protocol, i)) {
			error_set(error,
				  _("somebody else has set %s for the next boot since, to "
				    "%u-%u; that was left as it is"),
				  range_row_name(protocol, i), next.first, next.last);
			return 1;
		}
	}
	return 0;
}

static int refuse_left(const struct range_choice *ours, const struct range_stores *now,
		       const struct range_record *record, struct error *error)
{
	const struct range_choice left = find_ours(record, now);

	range_each_row(protocol, i)
	{
		if (ours->active[protocol][i] && left.active[protocol][i])
			return not_taken(now, protocol, i, error);
		if (ours->persistent[protocol][i] && left.persistent[protocol][i])
			return not_taken_next(now, protocol, i, error);
	}
	return 0;
}

int range_change_back(const struct netsh *netsh, const struct range_record *record,
		      struct error *error)
{
	const struct range_stores target = target_of(&record->before);
	struct range_choice ours;
	struct range_stores now;

	if (range_stores_read(netsh, record->persistent, &now, error))
		return -1;
	ours = find_ours(record, &now);
	if (any(&ours) && (range_stores_set(netsh, &target, &ours, &now.active, error) ||
			   range_stores_read(netsh, record->persistent, &now, error)))
		return -1;
	if (refuse_left(&ours, &now, record, error))
		return -1;
	return tell_stranger(record, &now, error);
}

int range_change_refuse_stranger(const struct range_rows *known, const struct range_rows *now,
				 struct error *error)
{
	range_each_row(protocol, i)
	{
		if (!is_row(known, now, protocol, i))
			return error_set(
				error,
				_("somebody else has changed the range meanwhile; try again"));
	}
	return 0;
}
