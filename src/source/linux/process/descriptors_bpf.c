#include "source/linux/process/descriptors.h"

#include "base/arena.h"
#include "source/linux/bpf/iterators.h"
#include "source/linux/bpf/walk.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/*
 * Records come table by table; one that is not over when a call ends comes again with the rest. A process
 * has one table, but for threads that left it; the limit is one of each table, so its largest counts.
 * A process gets a row when the first of its sockets is met.
 */
struct collector {
	struct descriptors *table;
	size_t process_capacity, namespace_capacity, bound_capacity;
	struct seen_process now;      /* whose records these are */
	struct seen_count opened;     /* in this table */
	struct walked_process counts; /* of the process, until it has a row */
	uint32_t row;
	bool only_bound; /* iterators write all */
};

static uint32_t find_row(const struct descriptors *table, const struct seen_process *seen)
{
	for (size_t i = table->process_count; i--;)
		if (table->processes[i].pid == seen->pid &&
		    table->processes[i].start_ticks == descriptors_ticks(seen->start_ns))
			return (uint32_t)i;
	return NO_WALKED_PROCESS;
}

static void begin_process(struct collector *collector, const struct seen_process *seen)
{
	bool same = collector->now.kind && collector->now.pid == seen->pid &&
		    collector->now.start_ns == seen->start_ns;

	if (!same || collector->now.thread != seen->thread)
		collector->opened = (struct seen_count){ 0 };
	collector->now = *seen;
	if (same)
		return;
	collector->row = seen->thread ? find_row(collector->table, seen) : NO_WALKED_PROCESS;
	collector->counts = (struct walked_process){ 0 };
}

static struct walked_process *process_row(struct collector *collector)
{
	struct descriptors *table = collector->table;
	struct walked_process *process;

	if (collector->row == NO_WALKED_PROCESS) {
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
	struct walked_process *process = collector->row == NO_WALKED_PROCESS ?
						 &collector->counts :
						 process_row(collector);

	collector->opened.descriptors += seen->descriptors;
	collector->opened.sockets += seen->sockets;
	if (process->descriptors < collector->opened.descriptors) {
		process->descriptors = collector->opened.descriptors;
		process->sockets = collector->opened.sockets;
	}
}

static void take_descriptor(struct collector *collector, const struct seen_descriptor *seen)
{
	process_row(collector);
	descriptors_add(collector->table,
			&(struct descriptor){
				.key = seen->socket,
				.process = collector->row,
				.number = seen->number,
				.local_port = seen->local_port,
				.remote_port = seen->remote_port,
				.any_port = seen->shared,
				.not_tcp = seen->shared || seen->protocol != IPPROTO_TCP,
			});
}

/* Several processes may have the same one. */
static void take_bound(struct collector *collector, const struct seen_socket *seen)
{
	struct descriptors *table = collector->table;
	bool known = descriptors_find(table, seen->inode);

	if (collector->now.pid)
		process_row(collector);
	descriptors_add(table, &(struct descriptor){
				       .key = seen->inode,
				       .process = collector->row,
				       .local_port = seen->local_port,
			       });
	if (known)
		return;
	array_reserve(table->bound, table->bound_count, collector->bound_capacity);
	table->bound[table->bound_count++] = *seen;
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
		else if (seen->kind == SEEN_DESCRIPTOR && visible && !collector->only_bound)
			take_descriptor(collector, &seen->descriptor);
		else if (seen->kind == SEEN_BOUND)
			take_bound(collector, &seen->socket);
		else if (seen->kind == SEEN_NETNS_FILE && visible)
			take_netns(collector, &seen->netns_file);
	}
}

int descriptors_walk_bpf(struct descriptors *table, struct bpf_walk *walk, bool only_bound,
			 struct error *error)
{
	struct collector collector = {
		.table = table,
		.row = NO_WALKED_PROCESS,
	};

	return bpf_walk_descriptors(walk, only_bound, take, &collector, error);
}

int descriptors_iterate_bpf(struct descriptors *table, struct bpf_iterators *iterators,
			    bool only_bound, struct error *error)
{
	struct collector collector = {
		.table = table,
		.row = NO_WALKED_PROCESS,
	};

	return bpf_iterators_descriptors(iterators, only_bound, take, &collector, error);
}
