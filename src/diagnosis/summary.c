#include "diagnosis/summary.h"

#include "diagnosis/diagnosis.h"

/* The fullest, by the share that is left: namespaces differ in the size of their ranges. */
static void take_least(struct summary_room *least, const struct capacity *capacity)
{
	if (!capacity->known)
		return;
	if (least->known && (uint64_t)least->room * capacity->eligible <=
				    (uint64_t)capacity->room_min * least->capacity)
		return;
	*least = (struct summary_room){
		.known = true,
		.room = capacity->room_min,
		.capacity = capacity->eligible,
	};
}

struct summary summary_of(const struct diagnosis *diagnosis)
{
	struct summary summary = { 0 };
	struct capacity_query udp = {
		.kind = CAPACITY_UDP_CONNECT,
		.source = { .family = FAMILY_IPV4 },
	};

	for (size_t i = 0; i < diagnosis->destination_count; i++) {
		const struct destination *destination = &diagnosis->destinations[i];

		take_least(&summary.connect, &destination->capacity);
		summary.time_wait += destination->states[SOCKET_TIME_WAIT];
	}
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct namespace_view *view = &diagnosis->namespaces[i];
		struct capacity of_udp;

		udp.netns = i;
		of_udp = capacity_of(view->map, &udp);
		take_least(&summary.udp, &of_udp);
		take_least(&summary.unused, &view->anywhere);
		summary.connections += view->connections;
	}
	if (!summary.unused.known)
		summary.connections = summary.time_wait = -1;
	if (!summary.connect.known)
		summary.connect = summary.unused;
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];

		take_least(pool->kind == CAPACITY_BIND ? &summary.bind : &summary.udp,
			   &pool->capacity);
	}
	return summary;
}
