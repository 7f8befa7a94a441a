#include "base/language.h"
#include "command/linux/range_boot.h"
#include "command/linux/range_place.h"
#include "view/range_change.h"

#include <string.h>

/* What portroom itself has done here, if it was the first namespace shown. */
static const char *tell_last(const struct snapshot *snapshot, struct arena *arena)
{
	const struct range_place place = range_place_of(&snapshot->namespaces[0]);
	const char *where = range_change_place(snapshot, 0, arena);
	struct range_record record;
	struct error error;
	int found = range_last(&place, &record, &error);
	const char *text = NULL;

	if (found < 0)
		return arena_copy(arena, error.text);
	if (found && record.deadline_ms)
		text = arena_print(
			arena,
			_("%u-%u on trial for another %lld s, then %u-%u again; to keep "
			  "it: portroom range confirm%s"),
			record.after.range.first, record.after.range.last,
			(long long)(range_left_ms(&record) + 999) / 1000,
			record.before.range.first, record.before.range.last, where);
	else if (found)
		text = arena_print(
			arena,
			_("by portroom, from %u-%u to %u-%u; back by: portroom range "
			  "undo%s"),
			record.before.range.first, record.before.range.last,
			record.after.range.first, record.after.range.last, where);
	range_record_free(&record);
	return text;
}

/* Copies: where the files were read from goes with what is read of them. */
static void tell_boot(struct range_facts *facts, struct arena *arena)
{
	struct range_boot boot;
	struct range_setter *setters;
	const char **unread;

	range_boot_read(&boot);
	setters = arena_alloc(arena, boot.setter_count * sizeof *setters + 1);
	unread = arena_alloc(arena, boot.unread_count * sizeof *unread + 1);
	if (boot.setter_count)
		memcpy(setters, boot.setters, boot.setter_count * sizeof *setters);
	if (boot.unread_count)
		memcpy(unread, boot.unread, boot.unread_count * sizeof *unread);
	facts->setters = setters;
	facts->setter_count = boot.setter_count;
	facts->unread = unread;
	facts->unread_count = boot.unread_count;
	arena_join(arena, &boot.arena);
	range_boot_free(&boot);
}

void range_find_facts(const struct range_options *options, struct range_facts *facts,
		      struct arena *arena)
{
	const struct range_place place = range_place_of(&facts->snapshot->namespaces[0]);

	(void)options;
	facts->boot_known = range_counts_at_boot(&place) > 0;
	if (facts->boot_known)
		tell_boot(facts, arena);
	facts->last = tell_last(facts->snapshot, arena);
}

/* netsh sets one row at a time; here there is only one setting. */
int range_refuse_options(const struct range_options *options, struct error *error)
{
	const char *row = NULL;

	if (options->tcp != options->udp)
		row = options->tcp ? "--tcp" : "--udp";
	if (options->ipv4 != options->ipv6)
		row = options->ipv4 ? "--ipv4" : "--ipv6";
	if (!row)
		return 0;
	return error_set(
		error,
		_("%s: on Linux one setting, net.ipv4.ip_local_port_range, rules tcp and "
		  "udp over IPv4 and IPv6; leave it out to set all four"),
		row);
}

bool range_run_inside(const char *word, int *status)
{
	(void)word;
	(void)status;
	return false;
}
