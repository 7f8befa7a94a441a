#include "source/linux/descriptors.h"

#include "base/arena.h"
#include "source/linux/bpf_walk.h"

#include <stdlib.h>
#include <string.h>

/*
 * Records come process by process; one that is in the midst of its table when a call ends comes again
 * with the rest. A process gets a row when the first of its sockets is met.
 */
enum { NO_ROW = UINT32_MAX };

struct collector {
	struct descriptors *table;
	size_t process_capacity, namespace_capacity;
	struct seen_process now; /* whose records these are */
	struct walked_process counts; /* its descriptors, until it has a row */
	uint32_t row;
	void (*take_bound)(void *context, uint32_t process, const struct seen_socket *seen);
	void *context;
};

static void begin_process(struct collector *collector, const struct seen_process *seen)
{
	if (collector->now.kind && collector->now.pid == seen->pid &&
	    collector->now.start_ns == seen->start_ns)
		return;
	collector->now = *seen;
	collector->row = NO_ROW;
	collector->counts = (struct walked_process){ 0 };
}

static struct walked_process *process_row(struct collector *collector)
{
	struct descriptors *table = collector->table;
	struct walked_process *process;

	if (collector->row == NO_ROW) {
		array_reserve(table->processes, table->process_count,
			      collector->process_capacity);
		collector->row = (uint32_t)table->process_count++;
		process = &table->processes[collector->row];
		*process = collector->counts;
		process->pid = collector->now.pid;
		process->start_ticks = descriptors_ticks(collector->now.start_ns);
		memcpy(process->name, collector->now.name, sizeof process->name);
		process->name[sizeof process->name - 1] = '\0';
	}
	return &table->processes[collector->row];
}

static void take_count(struct collector *collector, const struct seen_count *seen)
{
	struct walked_process *process =
		collector->row == NO_ROW ? &collector->counts : process_row(collector);

	process->descriptors += seen->descriptors;
	process->sockets += seen->sockets;
}

static void take_descriptor(struct collector *collector, const struct seen_descriptor *seen)
{
	process_row(collector);
	descriptors_add(collector->table, &(struct descriptor){
						  .key = seen->socket,
						  .process = collector->row,
						  .number = seen->number,
						  .local_port = seen->local_port,
						  .remote_port = seen->remote_port,
						  .any_port = seen->shared,
					  });
}

static void take_bound(struct collector *collector, const struct seen_socket *seen)
{
	if (collector->now.pid)
		process_row(collector);
	collector->take_bound(collector->context, collector->row, seen);
}

static void take_netns(struct collector *collector, const struct seen_netns_file *seen)
{
	struct descriptors *table = collector->table;

	array_reserve(table->namespaces, table->namespace_count,
		      collector->namespace_capacity);
	table->namespaces[table->namespace_count++] = (struct walked_netns){
		.inode = seen->netns,
		.pid = collector->now.pid,
		.number = seen->number,
	};
}

static void take(void *context, const union seen *records, size_t count)
{
	struct collector *collector = context;

	for (size_t i = 0; i < count; i++) {
		const union seen *seen = &records[i];
		bool visible = collector->now.pid;

		if (seen->kind == SEEN_PROCESS)
			begin_process(collector, &seen->process);
		else if (seen->kind == SEEN_COUNT)
			take_count(collector, &seen->count);
		else if (seen->kind == SEEN_DESCRIPTOR && visible)
			take_descriptor(collector, &seen->descriptor);
		else if (seen->kind == SEEN_BOUND)
			take_bound(collector, &seen->socket);
		else if (seen->kind == SEEN_NETNS_FILE && visible)
			take_netns(collector, &seen->netns_file);
	}
}

int descriptors_walk_bpf(struct descriptors *table, struct bpf_walk *walk,
			 void (*take_bound_socket)(void *context, uint32_t process,
						   const struct seen_socket *seen),
			 void *context, struct error *error)
{
	struct collector collector = {
		.table = table,
		.row = NO_ROW,
		.take_bound = take_bound_socket,
		.context = context,
	};

	table->by_address = true;
	return bpf_walk_descriptors(walk, take, &collector, error);
}
