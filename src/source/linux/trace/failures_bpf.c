#include "source/linux/trace/failures_bpf.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/bpf/ring.h"
#include "source/linux/bpf/run.h"
#include "source/linux/bpf/support.h"
#include "source/linux/trace/tracefs.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_BPF

#include <failures-exits.skel.h>
#include <failures-sends.skel.h>

/*
 * The program for the exit of system calls can be attached in two ways. To the events of single calls, by
 * perf_event_open(): then each system call of the machine takes 55 ns longer, and the program runs for
 * those calls only. Or to the exit of all calls, which needs no tracefs: 88 ns. Both measured on Linux
 * 6.18, getppid() in a loop. Every descriptor here goes with the process, and takes its program along.
 */
enum {
	BUFFER_SIZE = 1 << 22, /* some 25,000 failures */
	ONE_CALL_NS = 55,
	ALL_CALLS_NS = 88,
	MOST_CALLS = 5,
};

struct failures_bpf {
	void *skeleton;
	void (*destroy)(void *skeleton);
	int (*attach_exit)(void *skeleton);
	const volatile u64 *lost;
	int map, exit_of_one;
	int calls[MOST_CALLS]; /* perf events; -1: none */
	struct bpf_ring ring;
	unsigned slows_calls_ns;
	bool sends; /* UDP sends are told by an event of their own */
};

/* The file is there twice, for kernels with and without sock_send_length. 0, or -1 with errno set. */
#define LOADER(way)                                                                           \
	static void destroy_##way(void *skeleton)                                             \
	{                                                                                     \
		failures_##way##__destroy(skeleton);                                          \
	}                                                                                     \
                                                                                              \
	static int attach_exit_##way(void *skeleton)                                          \
	{                                                                                     \
		return failures_##way##__on_exit__attach(skeleton) < 0 ? -1 : 0;              \
	}                                                                                     \
                                                                                              \
	static int load_##way(struct failures_bpf *watch,                                     \
			      const struct failures_wanted *wanted)                           \
	{                                                                                     \
		struct failures_##way *skeleton = failures_##way##__open();                   \
		const u64 nothing[4] = { 0 };                                                 \
                                                                                              \
		if (!skeleton)                                                                \
			return -1;                                                            \
		skeleton->maps.events.max_entries = BUFFER_SIZE;                              \
		skeleton->rodata->wanted_netns = (u32)wanted->netns;                          \
		skeleton->rodata->wanted_pid = wanted->pid;                                   \
		if (failures_##way##__load(skeleton) ||                                       \
		    bpf_run(skeleton->progs.learn_reader.prog_fd, nothing) ||                 \
		    failures_##way##__on_state__attach(skeleton) < 0) {                       \
			int failed = errno;                                                   \
                                                                                              \
			failures_##way##__destroy(skeleton);                                  \
			errno = failed;                                                       \
			return -1;                                                            \
		}                                                                             \
		watch->skeleton = skeleton;                                                   \
		watch->destroy = destroy_##way;                                               \
		watch->attach_exit = attach_exit_##way;                                       \
		watch->lost = &skeleton->bss->lost;                                           \
		watch->map = skeleton->maps.events.map_fd;                                    \
		watch->exit_of_one = skeleton->progs.on_exit_of_one.prog_fd;                  \
		return 0;                                                                     \
	}

LOADER(sends)
LOADER(exits)

static int load(struct failures_bpf *watch, const struct failures_wanted *wanted)
{
	if (!load_sends(watch, wanted)) {
		watch->sends = failures_sends__on_send__attach(watch->skeleton) >= 0;
		if (watch->sends)
			return 0;
		failures_sends__destroy(watch->skeleton);
		watch->skeleton = NULL;
	}
	return load_exits(watch, wanted);
}

/* ---- the exit of system calls ---- */

/* 0, or -1 with errno set. */
static int attach_to_call(struct failures_bpf *watch, int tracefs, const char *event,
			  size_t place)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof attributes,
		.config = (u64)tracefs_event_id(tracefs, event),
	};

	/* The program is run on every processor, whichever the event is of. */
	watch->calls[place] = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1,
					   PERF_FLAG_FD_CLOEXEC);
	if (watch->calls[place] < 0)
		return -1;
	return ioctl(watch->calls[place], PERF_EVENT_IOC_SET_BPF, watch->exit_of_one);
}

static void detach_from_calls(struct failures_bpf *watch)
{
	for (size_t i = 0; i < MOST_CALLS; i++) {
		if (watch->calls[i] >= 0)
			close(watch->calls[i]);
		watch->calls[i] = -1;
	}
}

static int attach_to_calls(struct failures_bpf *watch)
{
	static const char *const events[MOST_CALLS] = {
		"syscalls/sys_exit_bind",     "syscalls/sys_exit_connect",
		"syscalls/sys_exit_sendto",   "syscalls/sys_exit_sendmsg",
		"syscalls/sys_exit_sendmmsg",
	};
	size_t count = watch->sends ? 2 : MOST_CALLS;
	struct error error;
	int tracefs = tracefs_open(&error), result = tracefs < 0 ? -1 : 0;

	for (size_t i = 0; !result && i < count; i++)
		result = attach_to_call(watch, tracefs, events[i], i);
	if (tracefs >= 0)
		close(tracefs);
	if (result)
		detach_from_calls(watch);
	return result;
}

static const char *attach_exits(struct failures_bpf *watch, bool cheap)
{
	if (cheap)
		return "--cheap";
	if (!attach_to_calls(watch))
		watch->slows_calls_ns = ONE_CALL_NS;
	else if (!watch->attach_exit(watch->skeleton))
		watch->slows_calls_ns = ALL_CALLS_NS;
	else
		return N_("this kernel does not tell when a system call ends");
	return NULL;
}

/* ---- for failures.c ---- */

static void tell_coverage(const struct failures_bpf *watch, const char *why_no_exits,
			  struct failure_coverage coverage[FAILURE_KIND_COUNT])
{
	const struct failure_coverage whole = { .covered = true },
				      by_exit = { .covered = !why_no_exits,
						  .remark = why_no_exits };

	coverage[FAILURE_TCP_CONNECT] = coverage[FAILURE_TCP_LISTEN] = whole;
	coverage[FAILURE_ANY_BIND] = coverage[FAILURE_UDP_CONNECT] = by_exit;
	coverage[FAILURE_UDP_SEND] = watch->sends ? whole : by_exit;
}

struct failures_bpf *failures_bpf_open(const struct failures_wanted *wanted,
				       struct failure_coverage coverage[FAILURE_KIND_COUNT])
{
	struct failures_bpf *watch = memory_zeroed(1, sizeof *watch);
	int failed;

	memset(watch->calls, 0xff, sizeof watch->calls);
	if (!bpf_obstacle() && !load(watch, wanted) &&
	    !bpf_ring_open(&watch->ring, watch->map, BUFFER_SIZE)) {
		tell_coverage(watch, attach_exits(watch, wanted->cheap), coverage);
		return watch;
	}
	failed = errno;
	failures_bpf_close(watch);
	errno = failed;
	return NULL;
}

void failures_bpf_close(struct failures_bpf *watch)
{
	if (!watch)
		return;
	detach_from_calls(watch);
	bpf_ring_close(&watch->ring);
	if (watch->skeleton)
		watch->destroy(watch->skeleton);
	free(watch);
}

int failures_bpf_descriptor(const struct failures_bpf *watch)
{
	return watch->map;
}

struct taking {
	failures_take take;
	void *context;
};

static bool take_record(void *context, const void *record, size_t size)
{
	struct taking *taking = context;

	return size < sizeof(struct seen_failure) || taking->take(taking->context, record);
}

void failures_bpf_take(struct failures_bpf *watch, failures_take take, void *context)
{
	struct taking taking = { take, context };

	bpf_ring_take(&watch->ring, take_record, &taking);
}

uint64_t failures_bpf_lost(const struct failures_bpf *watch)
{
	return *watch->lost;
}

unsigned failures_bpf_slows_calls_ns(const struct failures_bpf *watch)
{
	return watch->slows_calls_ns;
}

#else

struct failures_bpf *failures_bpf_open(const struct failures_wanted *wanted,
				       struct failure_coverage coverage[FAILURE_KIND_COUNT])
{
	(void)wanted, (void)coverage;
	return NULL;
}

void failures_bpf_close(struct failures_bpf *watch)
{
	(void)watch;
}

int failures_bpf_descriptor(const struct failures_bpf *watch)
{
	(void)watch;
	return -1;
}

void failures_bpf_take(struct failures_bpf *watch, failures_take take, void *context)
{
	(void)watch, (void)take, (void)context;
}

uint64_t failures_bpf_lost(const struct failures_bpf *watch)
{
	(void)watch;
	return 0;
}

unsigned failures_bpf_slows_calls_ns(const struct failures_bpf *watch)
{
	(void)watch;
	return 0;
}

#endif
