#include "snapshot/sample.h"

#include "base/arena.h"
#include "snapshot/snapshot.h"

#include <stdlib.h>

static bool is_like(const struct sample_flow *a, const struct sample_flow *b)
{
	return a->netns == b->netns && a->protocol == b->protocol &&
	       a->remote_port == b->remote_port && a->process == b->process &&
	       address_equal(&a->local, &b->local) && address_equal(&a->remote, &b->remote);
}

struct sample_flow *sample_flow_of(struct sample *sample, const struct sample_flow *like)
{
	struct sample_flow *flow;

	for (size_t i = 0; i < sample->flow_count; i++)
		if (is_like(&sample->flows[i], like))
			return &sample->flows[i];
	array_reserve(sample->flows, sample->flow_count, sample->flow_capacity);
	flow = &sample->flows[sample->flow_count++];
	*flow = *like;
	flow->opens = flow->failed_calls = 0;
	return flow;
}

void sample_free(struct sample *sample)
{
	if (sample->before) {
		snapshot_free(sample->before);
		free(sample->before);
	}
	free(sample->process_now);
	free(sample->flows);
}
