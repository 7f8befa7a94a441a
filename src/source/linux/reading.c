#include "source/linux/reading.h"

#include "source/linux/process/process.h"
#include "source/linux/watch/ledger_maker.h"

#include <time.h>
#include <unistd.h>

double reading_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

bool reading_owners_are_complete(const struct reading *reading)
{
	return !reading->request->no_owners && !reading->descriptors.processes_refused &&
	       !reading->processes_hidden && !reading->descriptors.failed;
}

const char *reading_unless_root(const char *advice)
{
	return geteuid() ? advice : NULL;
}

uint32_t reading_process(struct reading *reading, uint32_t walked)
{
	const struct descriptors *descriptors = &reading->descriptors;
	uint32_t *index;

	if (!reading->process_of) {
		reading->process_of =
			memory_zeroed(descriptors->process_count, sizeof *reading->process_of);
		for (size_t i = 0; i < descriptors->process_count; i++)
			reading->process_of[i] = UINT32_MAX;
	}
	index = &reading->process_of[walked];
	if (*index == UINT32_MAX)
		*index = process_read(reading->snapshot, &reading->process_reader,
				      &reading->descriptors.processes[walked]);
	return *index;
}

/* Whether it began while the machine was watched: it lasts 60 s (Linux include/net/tcp.h,
 * TCP_TIMEWAIT_LEN), and the time left is known. */
static bool is_fresh(const struct reading *reading, const struct socket_record *record)
{
	enum { TIME_WAIT_MS = 60000 };
	double began;

	if (!reading->sample_ended_ms)
		return false;
	began = reading_now_ms() - (TIME_WAIT_MS - (double)record->expires_ms);
	return began >= reading->sample_began_ms && began < reading->sample_ended_ms;
}

static void hand_on(struct reading *reading, enum owner_kind kind, uint32_t owner,
		    const struct socket_record *record)
{
	const struct source_request *request = reading->request;

	if (reading->met && record->protocol == PROTOCOL_TCP)
		port_set_add(&reading->met[reading->netns], record->local_port);
	if (request->on_socket)
		request->on_socket(request->context, reading->snapshot, reading->netns, kind,
				   owner, record);
	else
		snapshot_add_socket(reading->snapshot, reading->netns, kind, owner, record);
}

void reading_deliver(struct reading *reading, enum owner_kind kind, uint32_t owner,
		     const struct socket_record *record)
{
	struct socket_record resting;

	if (kind != OWNER_NOBODY || record->state != SOCKET_TIME_WAIT) {
		hand_on(reading, kind, owner, record);
		return;
	}
	resting = *record;
	resting.fresh = is_fresh(reading, record);
	if (ledger_maker_of(reading, record, &owner)) {
		kind = OWNER_RECORDED;
		reading->recorded.sockets++;
	}
	hand_on(reading, kind, owner, &resting);
}
