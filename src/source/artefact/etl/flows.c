#include "source/artefact/etl/flows.h"

#include "base/arena.h"
#include "source/artefact/dossier.h"
#include "source/artefact/etl/kernel_network.h"

#include <stdlib.h>

/* More processes are not told apart: each may take 8 KiB for its ports. */
enum { MOST = 2048 };

struct flow {
	uint32_t pid;
	struct traced_process sum;
	struct port_set ports;
};

static struct flow *find_or_add(struct flows *flows, uint32_t pid)
{
	const struct indexed items = { flows->items, flows->count, sizeof *flows->items,
				       sizeof pid };
	size_t at = flows->count < MOST ? index_find_or_add(&flows->index, &items, &pid) :
					  index_find(&flows->index, &items, &pid);

	if (at == flows->count) {
		if (flows->count == MOST)
			return NULL;
		array_reserve(flows->items, flows->count, flows->capacity);
		flows->items[flows->count++] = (struct flow){ .pid = pid };
	}
	return &flows->items[at];
}

void flows_add(struct flows *flows, const struct network_event *event)
{
	struct flow *flow;

	if (!event->pid || event->pid > INT32_MAX)
		return;
	flow = find_or_add(flows, event->pid);
	if (!flow)
		return;
	if (event->protocol == PROTOCOL_UDP) {
		flow->sum.udp_events++;
		return;
	}
	flow->sum.tcp_events++;
	flow->sum.connects += event->kind == NETWORK_CONNECT;
	flow->sum.disconnects += event->kind == NETWORK_DISCONNECT;
	flow->sum.accepts += event->kind == NETWORK_ACCEPT;
	port_set_add(&flow->ports, event->local_port);
}

static int by_connects(const void *a, const void *b)
{
	const struct traced_process *left = a, *right = b;

	if (left->connects != right->connects)
		return left->connects < right->connects ? 1 : -1;
	if (left->tcp_events != right->tcp_events)
		return left->tcp_events < right->tcp_events ? 1 : -1;
	return left->process < right->process ? -1 : left->process > right->process;
}

void flows_finish(struct flows *flows, struct dossier *dossier, struct traced_trace *trace)
{
	struct arena *arena = &dossier->snapshot->arena;

	trace->processes = arena_alloc(arena, flows->count * sizeof *trace->processes);
	trace->process_count = flows->count;
	for (size_t i = 0; i < flows->count; i++) {
		struct flow *flow = &flows->items[i];

		flow->sum.process = dossier_process_index(dossier, (int32_t)flow->pid);
		flow->sum.local_ports = flow->ports.count;
		trace->processes[i] = flow->sum;
		port_set_free(&flow->ports);
	}
	if (flows->count)
		qsort(trace->processes, flows->count, sizeof *trace->processes, by_connects);
	index_free(&flows->index);
	free(flows->items);
}
