#include "base/language.h"
#include "command/linux/range_boot.h"
#include "command/linux/range_place.h"
#include "command/terminal.h"
#include "diagnosis/range_plan.h"
#include "view/range_change.h"

#include <stdio.h>
#include <string.h>

/* net/ipv4/af_inet.c, inet_init_net(): what a namespace begins with since Linux 4.2. */
enum { DEFAULT_FIRST = 32768, DEFAULT_LAST = 60999 };

struct range_place range_place_of(const struct netns *netns)
{
	return (struct range_place){ .enter = netns->enter, .inode = netns->inode };
}

int range_refuse_persist(const struct range_options *options, const struct range_place *place,
			 struct error *error)
{
	int counts = options->persist ? range_counts_at_boot(place) : 1;

	if (counts > 0)
		return 0;
	if (counts < 0)
		return error_set(error,
				 _("--persist: whether this is the network namespace of pid "
				   "1 cannot be seen; run as root"));
	return error_set(
		error, _("--persist: what is set at boot counts for the network namespace of "
			 "pid 1, and this is another; set it where this one is made"));
}

static char *print_list(struct arena *arena, const struct port_set *ports)
{
	return arena_copy(arena, port_set_print(ports, arena));
}

/* So that it is known what the next boot does, the files are read again, the new one with them. */
static void find_winner(struct range_change_view *view, struct range_boot *boot)
{
	struct arena arena = { 0 };
	const struct range_plan *plan = view->plan;
	const struct range_values after = {
		.range = plan->after,
		.reserved = print_list(&arena, &plan->reserved_after),
	};

	range_boot_read(boot);
	view->winner = range_boot_other(boot, &after);
	arena_free(&arena);
}

static int apply(struct range_change_view *view, const struct range_options *options,
		 struct error *error)
{
	const struct range_plan *plan = view->plan;
	const struct range_place place =
		range_place_of(&view->snapshot->namespaces[plan->netns]);
	struct arena arena = { 0 };
	struct range_values before = { .range = plan->before },
			    after = { .range = plan->after };
	int result;

	before.reserved = print_list(&arena, &plan->reserved_before);
	after.reserved = print_list(&arena, &plan->reserved_after);
	result = range_plan_changes(plan) ?
			 range_set(&place, &before, &after, view->for_s, error) :
			 0;
	view->done = !result && range_plan_changes(plan);
	if (!result && options->persist && options->resets) {
		result = range_unpersist(error);
		view->removed = result > 0 ? RANGE_DROPIN : NULL;
		result = result < 0 ? -1 : 0;
	} else if (!result && options->persist) {
		result = range_persist(&place, &before, &after, error);
		view->persisted = result ? NULL : RANGE_DROPIN;
	}
	arena_free(&arena);
	return result;
}

static int fail(const struct command *command, const struct range_change_view *view,
		struct error *error)
{
	struct error first = *error;

	if (view->done)
		error_set(error, _("the range is set, but not for the next boot: %.400s"),
			  first.text);
	return command_fail(command->failure, error->text);
}

/* Whoever resets wants the default, whether it is more or less than now. */
static struct range_wish wish_of(const struct range_options *options)
{
	if (options->resets)
		return (struct range_wish){
			.first = DEFAULT_FIRST,
			.last = DEFAULT_LAST,
			.shrink = true,
			.reserve = options->reserve,
		};
	return (struct range_wish){
		.first = (unsigned)options->first,
		.last = (unsigned)options->last,
		.force = options->force,
		.shrink = options->shrink,
		.reserve = options->reserve,
	};
}

/* What is refused whatever the values are, and so is not shown at first. */
static int refuse(const struct range_options *options, const struct range_plan *plan,
		  const struct range_place *place, struct error *error)
{
	if (options->dry_run || (!range_plan_changes(plan) && !options->persist))
		return 0;
	return range_refuse(place, error);
}

/* What is wanted is shown before it is done, and what was done after it was. */
int range_carry_out(const struct command *command, const struct range_options *options,
		    struct diagnosis *diagnosis)
{
	const struct range_place place = range_place_of(&diagnosis->snapshot->namespaces[0]);
	const struct range_wish wish = wish_of(options);
	struct view_style style = terminal_style(&options->common);
	struct range_change_view view = {
		.snapshot = diagnosis->snapshot,
		.dry_run = options->dry_run,
		.for_s = (unsigned)(options->for_ms / 1000),
	};
	struct range_boot boot = { 0 };
	struct range_plan plan;
	struct error error;
	int status = 0;

	if (range_refuse_persist(options, &place, &error))
		return command_fail(command->failure, error.text);
	if (range_plan_make(&plan, diagnosis, &wish, &error) ||
	    refuse(options, &plan, &place, &error)) {
		range_plan_free(&plan);
		return command_fail(command->failure, error.text);
	}
	view.plan = &plan;
	if (!options->common.json)
		range_change_text(&view, &style);
	fflush(stdout);
	if (!options->dry_run && apply(&view, options, &error))
		status = fail(command, &view, &error);
	if (options->persist && !options->dry_run && !status)
		find_winner(&view, &boot);
	if (!status && options->common.json)
		range_change_json(&view, stdout);
	else if (!status)
		range_change_result(&view, &style);
	range_boot_free(&boot);
	range_plan_free(&plan);
	return status;
}
