#include "diagnosis/opens.h"

#include "base/arena.h"
#include "snapshot/snapshot.h"

#include <stdlib.h>

static const struct opens_of *find(const struct opens *opens, uint64_t inode)
{
	for (size_t i = 0; i < opens->count; i++)
		if (opens->before[i].inode == inode)
			return &opens->before[i];
	return NULL;
}

static void note(struct opens *opens, const struct snapshot *snapshot, int64_t at_ms)
{
	free(opens->before);
	opens->before = memory_zeroed(snapshot->namespace_count + 1, sizeof *opens->before);
	opens->count = 0;
	opens->at_ms = at_ms;
	for (size_t i = 0; i < snapshot->namespace_count; i++)
		if (snapshot->namespaces[i].counters.active_opens >= 0)
			opens->before[opens->count++] = (struct opens_of){
				snapshot->namespaces[i].inode,
				snapshot->namespaces[i].counters.active_opens,
			};
}

double opens_rate(struct opens *opens, const struct snapshot *snapshot, int64_t at_ms)
{
	int64_t since = at_ms - opens->at_ms, opened = 0;
	bool known = false;

	for (size_t i = 0; i < snapshot->namespace_count; i++) {
		const struct netns *netns = &snapshot->namespaces[i];
		const struct opens_of *before = find(opens, netns->inode);

		/* Less than before: a new namespace has got the number of an old one. */
		if (!before || netns->counters.active_opens < before->opens)
			continue;
		opened += netns->counters.active_opens - before->opens;
		known = true;
	}
	note(opens, snapshot, at_ms);
	return known && since > 0 ? (double)opened * 1000 / (double)since : -1;
}

void opens_free(struct opens *opens)
{
	free(opens->before);
	*opens = (struct opens){ 0 };
}
