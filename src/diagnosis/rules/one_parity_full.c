#include "base/language.h"
#include "diagnosis/rule.h"

#include <stdlib.h>

/*
 * connect() walks the ports with the parity of the range's first, from a place that moves on, and
 * only then the others (Linux net/ipv4/inet_hashtables.c, __inet_hash_connect()). When the first half
 * is used up, each connect() walks all of it in vain: slow long before it fails.
 *
 * A port examined in vain cost 27 ns (bind-owned), 50 ns (connected) or 150 ns (TIME_WAIT) on Linux
 * 6.18, a connect() over loopback 13.5 us. So with EXAMINED_LEAST ports it takes four times as long.
 */
enum { EXAMINED_LEAST = 1000 };

/* So many ports are looked at before one that can be had, on the average. */
static unsigned examined(const struct capacity *capacity)
{
	return capacity->preferred / (capacity->preferred_left + 1);
}

/* Where none is left at all, it is not slowness that matters. */
static bool is_slow(const struct capacity *capacity)
{
	return capacity->known && capacity->room_min > capacity->preferred_left &&
	       examined(capacity) >= EXAMINED_LEAST;
}

/* Sockets with a range of their own walk it port by port. */
static bool has_own_range(const struct diagnosis *diagnosis,
			  const struct destination *destination)
{
	for (size_t i = 0; i < destination->share_count; i++) {
		const struct share *share = &destination->shares[i];

		if (share->owner_kind == OWNER_PROCESS &&
		    diagnosis->snapshot->processes[share->process].ranged_sockets)
			return true;
	}
	return false;
}

/* By namespace; NULL: none is slow. The caller frees it. */
static const struct destination **find_slowest(const struct diagnosis *diagnosis)
{
	const struct destination **slowest =
		memory_zeroed(diagnosis->snapshot->namespace_count, sizeof(void *));

	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *each = &diagnosis->destinations[i];
		const struct destination **worst = &slowest[each->netns];

		if (is_slow(&each->capacity) && !has_own_range(diagnosis, each) &&
		    (!*worst || examined(&each->capacity) > examined(&(*worst)->capacity)))
			*worst = each;
	}
	return slowest;
}

static void remark(const struct rule *rule, struct diagnosis *diagnosis, uint32_t netns,
		   const char *subject, const struct capacity *capacity)
{
	struct finding *remark = rule_add_remark(diagnosis, rule, netns);
	uint16_t first = diagnosis->snapshot->namespaces[netns].settings.range.first;
	unsigned ports = examined(capacity);

	remark->subject = subject;
	remark->title =
		arena_print(&diagnosis->arena, _("%s: every connect() is slow"), _(subject));
	remark->reason = arena_print(
		&diagnosis->arena,
		first % 2 ?
			_("it tries odd ports first, and %s of %s of them are left: about %s "
			  "are examined in vain each time by whoever connects there; %s in all") :
			_("it tries even ports first, and %s of %s of them are left: about %s "
			  "are examined in vain each time by whoever connects there; %s in all"),
		words_count(diagnosis, capacity->preferred_left),
		words_count(diagnosis, capacity->preferred), words_count(diagnosis, ports),
		words_room(diagnosis, capacity));
	rule_add_evidence(remark, "room_min", capacity->room_min, "ports");
	rule_add_evidence(remark, "room_max", capacity->room_max, "ports");
	rule_add_evidence(remark, "preferred", capacity->preferred, "ports");
	rule_add_evidence(remark, "preferred_left", capacity->preferred_left, "ports");
	rule_add_evidence(remark, "examined", ports, "ports");
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	const struct destination **slowest = find_slowest(diagnosis);

	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct destination *destination = slowest[i];
		char source[ADDRESS_TEXT_SIZE], target[ADDRESS_TEXT_SIZE];

		if (is_slow(&diagnosis->namespaces[i].anywhere))
			remark(rule, diagnosis, i, N_("tcp to any destination"),
			       &diagnosis->namespaces[i].anywhere);
		else if (destination)
			remark(rule, diagnosis, i,
			       arena_print(&diagnosis->arena, "tcp %s -> %s",
					   address_print(source, &destination->source),
					   address_print_endpoint(target,
								  &destination->destination,
								  destination->port)),
			       &destination->capacity);
	}
	free(slowest);
}

const struct rule rule_one_parity_full = {
	.id = "one_parity_full",
	.title = N_("The ports that connect() tries first are used up"),
	.systems = RULE_LINUX,
	.check = check,
};
