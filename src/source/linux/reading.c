#include "source/linux/reading.h"

#include "source/linux/process.h"

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
	       !reading->descriptors.failed;
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

void reading_deliver(struct reading *reading, enum owner_kind kind, uint32_t owner,
		     const struct socket_record *record)
{
	const struct source_request *request = reading->request;

	if (request->on_socket)
		request->on_socket(request->context, reading->snapshot, reading->netns, kind,
				   owner, record);
	else
		snapshot_add_socket(reading->snapshot, reading->netns, kind, owner, record);
}
