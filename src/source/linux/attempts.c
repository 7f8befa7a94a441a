#include "source/machine.h"

#include "source/linux/reading.h"
#include "source/linux/sockets/choice.h"
#include "source/linux/watch/sample.h"
#include "source/linux/watch/watch.h"

#include <sys/resource.h>

/*
 * A machine is read again where it turned out not to be known as well as it can be: with more memory for
 * a pass, without one, or with one though few sockets made it seem not worth it.
 */

/* More descriptors than the soft limit may be had; at the hard limit a few must do. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* What to do otherwise the next time; false: the snapshot is as good as it gets. Sockets that were handed to
 * somebody else one by one cannot be taken back. */
static bool plan_again(const struct source_request *request, struct attempt *attempt,
		       unsigned incomplete, const struct snapshot *snapshot)
{
	enum { MOST_PASSES = 2 };

	if (request->on_socket)
		return false;
	if (attempt->incomplete && incomplete < MOST_PASSES) {
		attempt->larger = true;
		return true;
	}
	if (attempt->incomplete && !request->only) {
		attempt->no_pass = true;
		return true;
	}
	if (attempt->exactly || attempt->no_pass || !choice_wants_more(request, snapshot))
		return false;
	attempt->exactly = true;
	return true;
}

int reading_do(const struct source_request *request, struct watch *watch,
	       struct snapshot *snapshot, struct error *error)
{
	struct attempt attempt = { 0 };
	unsigned incomplete = 0;

	raise_descriptor_limit();
	for (;;) {
		attempt.incomplete = false;
		if (reading_once(request, watch, &attempt, snapshot, error))
			return -1;
		incomplete += attempt.incomplete;
		if (!plan_again(request, &attempt, incomplete, snapshot))
			return 0;
		snapshot_free(snapshot);
	}
}

int machine_read(const struct source_request *request, struct snapshot *snapshot,
		 struct error *error)
{
	struct watch *watch;
	int result;

	if (request->sample_ms)
		return sample_read(request, snapshot, error);
	watch = watch_join(request);
	result = reading_do(request, watch, snapshot, error);
	watch_end(watch);
	return result;
}
