#include "command/close_act.h"

#include "base/arena.h"
#include "base/language.h"
#include "command/close_selection.h"
#include "system/clock.h"

enum { END_WAIT_MS = 10000 };

/* ---- sockets ---- */

struct closing {
	struct closer *closer;
	struct arena *arena;
	bool refused; /* the kernel closes none */
	const char *why_refused;
};

/* tcp_abort() did nothing for a connection in these states that no process has, before Linux commit bac76cf89816
 * (net/ipv4/tcp.c), and called it done. */
static bool may_be_left(const struct picked *picked)
{
	enum socket_state state = picked->record.state;

	return picked->process == UINT32_MAX &&
	       (state == SOCKET_FIN_WAIT1 || state == SOCKET_LAST_ACK ||
		state == SOCKET_CLOSING);
}

static void close_one(struct closing *closing, struct close_group *group,
		      const struct picked *picked)
{
	struct error error = { "" };

	if (closing->refused) {
		group->failed++;
		group->why = closing->why_refused;
		return;
	}
	switch (close_socket(closing->closer, &picked->record, &error)) {
	case CLOSE_DONE:
		if (!may_be_left(picked) ||
		    !close_watch(closing->closer, &picked->record).known) {
			group->closed++;
			return;
		}
		error_set(&error,
			  _("this kernel does not close what no process has in FIN_WAIT1, "
			    "LAST_ACK and CLOSING"));
		break;
	case CLOSE_GONE:
		if (picked->record.state != SOCKET_BOUND) {
			group->gone++;
			return;
		}
		error_set(&error, _("bound only: nothing closes these from outside"));
		break;
	case CLOSE_NOT_PERMITTED:
	case CLOSE_NOT_SUPPORTED:
		closing->refused = true; /* and so it will be for all others */
		break;
	default: /* this one only */
		break;
	}
	group->failed++;
	group->why = arena_copy(closing->arena, error.text);
	closing->why_refused = group->why;
}

static bool all_closed(const struct close_selection *selection)
{
	for (size_t i = 0; i < selection->group_count; i++)
		if (selection->groups[i].failed)
			return false;
	return true;
}

/* A hundredth of a second's worth at a time. */
bool close_act_sockets(struct close_selection *selection, struct closer *closer, uint64_t rate,
		       struct arena *arena)
{
	struct closing closing = { .closer = closer, .arena = arena };
	uint64_t at_once = rate / 100 ? rate / 100 : 1;
	uint64_t done = 0;

	for (size_t i = 0; i < selection->group_count; i++) {
		struct close_group *group = &selection->groups[i];

		for (size_t k = 0; k < group->count; k++) {
			close_one(&closing, group, &selection->items[group->first + k]);
			if (++done % at_once == 0 && !closing.refused)
				clock_rest_ms(1000 * at_once / rate);
		}
	}
	return all_closed(selection);
}

/* ---- processes ---- */

static const char *ending_title(enum close_ending ending)
{
	switch (ending) {
	case ENDING_DONE:
		return _("ended");
	case ENDING_GONE:
		return _("had ended before");
	case ENDING_NOT_PERMITTED:
		return _("may not be ended (no privilege)");
	case ENDING_STILL_RUNS:
		return _("does not end when asked to; --force kills it");
	case ENDING_CANNOT_ASK:
		return _(
			"left: it has no window and is no service, so that nothing can ask it to "
			"end; --force ends it");
	case ENDING_MANY_SERVICES:
		return _(
			"left: several services run in it, which would all end; --force ends it "
			"with them");
	default:
		return _("could not be ended");
	}
}

bool close_act_end(struct close_selection *selection, bool force)
{
	bool all = true;

	for (size_t i = 0; i < selection->process_count; i++) {
		struct close_process_row *row = &selection->processes[i];
		enum close_ending ending = close_process(
			row->process->pid, row->process->start_ticks, END_WAIT_MS, force);

		row->outcome = close_ending_name(ending);
		row->title = ending_title(ending);
		all = all && (ending == ENDING_DONE || ending == ENDING_GONE);
	}
	return all;
}
