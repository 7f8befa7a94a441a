#include "source/failures.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/bpf/support.h"
#include "source/linux/netns/namespaces.h"
#include "source/linux/proc_file.h"
#include "source/linux/trace/failure_process.h"
#include "source/linux/trace/failures_bpf.h"
#include "source/linux/trace/failures_perf.h"
#include "source/source.h"
#include "system/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * By BPF where it is to be had, else by perf events. Both tell what the kernel saw in one kind of record;
 * here it becomes a failure, with the process and the name of the namespace looked up.
 */
struct failures {
	struct failures_bpf *bpf; /* one of the two */
	struct failures_perf *perf;
	bool no_bpf;
	int bpf_failed; /* errno, where nothing known stood in the way */
	struct error why_not_bpf;
	struct failure_coverage coverage[FAILURE_KIND_COUNT];
	struct failures_counts counts;
	const struct ending *ending;
	struct failure_processes processes;
	struct namespaces namespaces; /* whose names are known */
	bool (*take)(void *context, const struct failure *failure);
	void *context;
	int64_t clock_offset_ns; /* wall clock - CLOCK_MONOTONIC */
};

/* ---- opening ---- */

/* The inode number of the namespace that is meant, 0 for all. */
static int find_netns(struct failures *failures, const struct source_request *where,
		      uint64_t *wanted, struct error *error)
{
	const struct source_request own = { .scope = SCOPE_OWN };
	struct namespaces chosen;

	*wanted = 0;
	if (namespaces_find(&failures->namespaces, &own, failures->processes.reader.proc, NULL,
			    error))
		return -1;
	if (where->scope == SCOPE_REACHABLE || where->scope == SCOPE_ALL)
		return 0;
	if (namespaces_find(&chosen, where, failures->processes.reader.proc, NULL, error))
		return -1;
	*wanted = chosen.entries[0].inode;
	namespaces_free(&chosen);
	return 0;
}

static int open_source(struct failures *failures, const struct failures_wanted *wanted,
		       struct error *error)
{
	struct error perf;

	if (!failures->no_bpf) {
		failures->bpf = failures_bpf_open(wanted, failures->coverage);
		failures->bpf_failed = errno;
		if (failures->bpf)
			return 0;
	}
	failures->perf = failures_perf_open(wanted, failures->coverage, &perf);
	if (failures->perf)
		return 0;
	return error_set(error,
			 _("failing calls cannot be watched: BPF: %s; tracepoints: %s%s"),
			 failures_why_not_bpf(failures), perf.text,
			 geteuid() ? _("; run as root") : "");
}

struct failures *failures_open(const struct failures_request *request, struct error *error)
{
	struct failures *failures = memory_zeroed(1, sizeof *failures);
	struct failures_wanted wanted = { .pid = request->pid, .cheap = request->cheap };

	failures->no_bpf = request->where->no_bpf;
	failures->ending = request->ending;
	failures->namespaces.own_fd = -1;
	failures->processes.reader.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (failures->processes.reader.proc < 0)
		error_set(error, _("%s: %s; mount it"), "/proc", language_errno(errno));
	else if (!find_netns(failures, request->where, &wanted.netns, error) &&
		 !open_source(failures, &wanted, error))
		return failures;
	failures_close(failures);
	return NULL;
}

void failures_close(struct failures *failures)
{
	if (!failures)
		return;
	failures_bpf_close(failures->bpf);
	failures_perf_close(failures->perf);
	failure_processes_free(&failures->processes);
	if (failures->processes.reader.proc >= 0)
		close(failures->processes.reader.proc);
	namespaces_free(&failures->namespaces);
	free(failures);
}

bool failures_sees_other_reasons(void)
{
	return false;
}

/* What has happened is there to be read already. */
void failures_stop(struct failures *failures)
{
	(void)failures;
}

/* ---- what is known of it ---- */

const char *failures_source(const struct failures *failures)
{
	return failures->bpf ? "bpf" : "perf";
}

const char *failures_why_not_bpf(struct failures *failures)
{
	const char *obstacle = failures->no_bpf ? "--no-bpf" : bpf_obstacle();

	if (failures->bpf)
		return NULL;
	if (obstacle)
		error_set(&failures->why_not_bpf, "%s", obstacle);
	else
		bpf_refusal(&failures->why_not_bpf, failures->bpf_failed);
	return failures->why_not_bpf.text;
}

const struct failure_coverage *failures_coverage(const struct failures *failures,
						 enum failure_kind kind)
{
	return &failures->coverage[kind];
}

unsigned failures_slows_calls_ns(const struct failures *failures)
{
	return failures->bpf ? failures_bpf_slows_calls_ns(failures->bpf) :
			       failures_perf_slows_calls_ns(failures->perf);
}

struct failures_counts failures_counts(const struct failures *failures)
{
	struct failures_counts counts = failures->counts;

	if (failures->bpf) {
		counts.lost = failures_bpf_lost(failures->bpf);
	} else {
		counts.lost = failures_perf_lost(failures->perf);
		counts.unclear = failures_perf_unclear(failures->perf);
	}
	return counts;
}

/* ---- from a record to a failure ---- */

static const char *error_name(unsigned number)
{
	switch (number) {
	case EAGAIN:
		return "EAGAIN";
	case EADDRINUSE:
		return "EADDRINUSE";
	default:
		return "EADDRNOTAVAIL";
	}
}

static enum failure_call call_of(unsigned call)
{
	static const enum failure_call calls[] = {
		[SEEN_CONNECT] = FAILURE_CONNECT,
		[SEEN_BIND] = FAILURE_BIND,
		[SEEN_LISTEN] = FAILURE_LISTEN,
		[SEEN_SEND] = FAILURE_SEND,
	};

	return calls[call];
}

static struct address address_of(const uint8_t bytes[16], bool known, bool six)
{
	if (!known)
		return (struct address){ 0 };
	return six ? address_ipv6(bytes) : address_ipv4(bytes);
}

static bool take_seen(void *context, const struct seen_failure *seen)
{
	struct failures *failures = context;
	bool udp = seen->protocol == IPPROTO_UDP;
	struct failure failure = {
		.time_ms = ((int64_t)seen->time_ns + failures->clock_offset_ns) / 1000000,
		.call = call_of(seen->call),
		.protocol_known = seen->protocol != 0,
		.protocol = udp ? PROTOCOL_UDP : PROTOCOL_TCP,
		.error = error_name(seen->error),
		.source = address_of(seen->source, seen->flags & SEEN_SOURCE,
				     seen->flags & SEEN_FROM_IPV6),
		.destination = address_of(seen->destination, seen->flags & SEEN_DESTINATION,
					  seen->flags & SEEN_TO_IPV6),
		.port = seen->destination_port,
		.own_range = { seen->range_first, seen->range_last },
		.only_six = seen->flags & SEEN_ONLY_SIX,
		.device = seen->device,
		.netns = seen->netns,
		.netns_name = namespaces_name(&failures->namespaces, seen->netns,
					      failures->processes.reader.proc),
		.process = failure_process(&failures->processes, seen),
	};

	failures->counts.told++;
	return failures->take(failures->context, &failure);
}

/* The wall clock may be set meanwhile; what happened before is told by the new one. */
static int64_t clock_offset(void)
{
	struct timespec wall, monotonic;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	return (int64_t)(wall.tv_sec - monotonic.tv_sec) * 1000000000 + wall.tv_nsec -
	       monotonic.tv_nsec;
}

int failures_poll(struct failures *failures, int timeout_ms,
		  bool (*take)(void *context, const struct failure *failure), void *context,
		  struct error *error)
{
	struct pollfd waiting[] = {
		{ .fd = failures->bpf ? failures_bpf_descriptor(failures->bpf) :
					failures_perf_descriptor(failures->perf),
		  .events = POLLIN },
		{ .fd = (int)ending_handle(failures->ending), .events = POLLIN },
	};

	if (poll(waiting, 2, timeout_ms) < 0 && errno != EINTR)
		return error_set(error, _("waiting for failing calls: %s"),
				 language_errno(errno));
	failures->take = take;
	failures->context = context;
	failures->clock_offset_ns = clock_offset();
	if (failures->bpf)
		failures_bpf_take(failures->bpf, take_seen, failures);
	else
		failures_perf_take(failures->perf, take_seen, failures);
	return 0;
}
