#include "source/linux/trace/failures_perf.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/linux/proc_file.h"
#include "source/linux/trace/perf_events.h"
#include "source/linux/trace/tracefs.h"

#include <arpa/inet.h>
#include <asm/perf_regs.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * What tells a lack of ports here:
 *
 *   TCP connect(), listen()  the change of state, and that the source port is 0 (see bpf/failures.bpf.c)
 *   bind() to port 0         the exit of the system call with EADDRINUSE, and the address it was given
 *   UDP connect()            the exit with EAGAIN, and the family of the address
 *
 * The kernel filters by result. The address is in the program's memory, where a later look might find
 * another: so the record brings the top of the stack along, which is where an address most often lies. If
 * it lies elsewhere, the call is counted as unclear. A UDP send into a full buffer fails like one without
 * a port, and no tracepoint tells them apart.
 */
#if defined(__x86_64__)
enum { HAVE_REGISTERS = 1, SECOND_ARGUMENT = PERF_REG_X86_SI, STACK = PERF_REG_X86_SP };
#elif defined(__aarch64__)
enum { HAVE_REGISTERS = 1, SECOND_ARGUMENT = PERF_REG_ARM64_X1, STACK = PERF_REG_ARM64_SP };
#else
enum { HAVE_REGISTERS = 0, SECOND_ARGUMENT = 0, STACK = 1 };
#endif
static_assert((int)SECOND_ARGUMENT < (int)STACK, "they come in this order");

enum { STACK_SIZE = 1024, NANOSECONDS = 55 };
enum { KERNEL_SYN_SENT = 2, KERNEL_LISTEN = 10 }; /* include/net/tcp_states.h */

enum wish { WISH_STATE, WISH_BIND, WISH_CONNECT, WISH_COUNT };

/* Fields of inet_sock_set_state, in bytes. */
struct layout {
	int oldstate, dport, family, saddr, daddr, saddr_v6, daddr_v6;
};

struct failures_perf {
	struct perf_events *events;
	struct layout layout;
	struct failures_wanted wanted;
	int proc;
	uint64_t unclear;
	failures_take take;
	void *context;
};

/* ---- opening ---- */

static int read_layout(int tracefs, struct layout *layout, struct error *error)
{
	static const char event[] = "sock/inet_sock_set_state";
	const struct {
		const char *name;
		int *offset;
	} fields[] = {
		{ "oldstate", &layout->oldstate }, { "dport", &layout->dport },
		{ "family", &layout->family },	   { "saddr", &layout->saddr },
		{ "daddr", &layout->daddr },	   { "saddr_v6", &layout->saddr_v6 },
		{ "daddr_v6", &layout->daddr_v6 },
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		*fields[i].offset = tracefs_field_offset(tracefs, event, fields[i].name);
		if (*fields[i].offset < 0)
			return error_set(error, _("this kernel has no tracepoint %s"), event);
	}
	return 0;
}

static int open_events(struct failures_perf *watch, int tracefs, struct error *error)
{
	const uint64_t registers = UINT64_C(1) << SECOND_ARGUMENT | UINT64_C(1) << STACK;
	const struct perf_wish wishes[WISH_COUNT] = {
		[WISH_STATE] = {
			.id = tracefs_event_id(tracefs, "sock/inet_sock_set_state"),
			.filter = "newstate == 7 && (oldstate == 2 || oldstate == 10) && "
				  "sport == 0 && protocol == 6",
		},
		[WISH_BIND] = {
			.id = tracefs_event_id(tracefs, "syscalls/sys_exit_bind"),
			.filter = "ret == -98",
			.registers = registers,
			.stack = STACK_SIZE,
		},
		[WISH_CONNECT] = {
			.id = tracefs_event_id(tracefs, "syscalls/sys_exit_connect"),
			.filter = "ret == -11",
			.registers = registers,
			.stack = STACK_SIZE,
		},
	};
	size_t count = watch->wanted.cheap ? WISH_BIND : WISH_COUNT;

	if (wishes[WISH_BIND].id < 0 || wishes[WISH_CONNECT].id < 0 || !HAVE_REGISTERS)
		count = WISH_BIND;
	watch->wanted.cheap = count == WISH_BIND;
	watch->events = perf_events_open(wishes, count, error);
	return watch->events ? 0 : -1;
}

static void tell_coverage(const struct failures_perf *watch, bool asked_for_cheap,
			  struct failure_coverage coverage[FAILURE_KIND_COUNT])
{
	const struct failure_coverage by_state = {
		.covered = true,
		.remark = N_("not those of a socket that had a port before"),
	};
	struct failure_coverage by_exit = {
		.covered = !watch->wanted.cheap,
		.remark = watch->wanted.cheap ?
				  N_("this kernel does not tell when a system call ends") :
				  N_("only those whose address lies on the stack; others are "
				     "counted as unclear"),
	};

	if (asked_for_cheap)
		by_exit.remark = "--cheap";
	coverage[FAILURE_TCP_CONNECT] = coverage[FAILURE_TCP_LISTEN] = by_state;
	coverage[FAILURE_ANY_BIND] = coverage[FAILURE_UDP_CONNECT] = by_exit;
	coverage[FAILURE_UDP_SEND] = (struct failure_coverage){
		.remark = N_("without BPF a full buffer looks the same"),
	};
}

struct failures_perf *failures_perf_open(const struct failures_wanted *wanted,
					 struct failure_coverage coverage[FAILURE_KIND_COUNT],
					 struct error *error)
{
	struct failures_perf *watch = memory_zeroed(1, sizeof *watch);
	int tracefs = tracefs_open(error), result = tracefs < 0 ? -1 : 0;

	watch->wanted = *wanted;
	watch->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!result)
		result = read_layout(tracefs, &watch->layout, error);
	if (!result)
		result = open_events(watch, tracefs, error);
	if (tracefs >= 0)
		close(tracefs);
	if (!result) {
		tell_coverage(watch, wanted->cheap, coverage);
		return watch;
	}
	failures_perf_close(watch);
	return NULL;
}

void failures_perf_close(struct failures_perf *watch)
{
	if (!watch)
		return;
	perf_events_close(watch->events);
	if (watch->proc >= 0)
		close(watch->proc);
	free(watch);
}

/* ---- reading ---- */

static uint16_t field16(const struct perf_sample *sample, int offset)
{
	uint16_t field = 0;

	if ((size_t)offset + sizeof field <= sample->record_size)
		memcpy(&field, sample->record + offset, sizeof field);
	return field;
}

static void take_field(uint8_t to[16], const struct perf_sample *sample, int offset,
		       size_t size)
{
	if ((size_t)offset + size <= sample->record_size)
		memcpy(to, sample->record + offset, size);
}

static bool from_state(const struct failures_perf *watch, const struct perf_sample *sample,
		       struct seen_failure *seen)
{
	const struct layout *layout = &watch->layout;
	bool six = field16(sample, layout->family) == AF_INET6;
	size_t size = six ? 16 : 4;

	seen->protocol = IPPROTO_TCP;
	seen->flags = six ? SEEN_SOURCE | SEEN_FROM_IPV6 | SEEN_TO_IPV6 : SEEN_SOURCE;
	take_field(seen->source, sample, six ? layout->saddr_v6 : layout->saddr, size);
	if (field16(sample, layout->oldstate) == KERNEL_LISTEN) {
		seen->call = SEEN_LISTEN;
		seen->error = EADDRINUSE;
		return true;
	}
	seen->call = SEEN_CONNECT;
	seen->error = EADDRNOTAVAIL;
	seen->flags |= SEEN_DESTINATION;
	seen->destination_port = field16(sample, layout->dport);
	take_field(seen->destination, sample, six ? layout->daddr_v6 : layout->daddr, size);
	return true;
}

/* The address that the call was given, if the part of the stack that we have holds it. */
static bool given_address(const struct perf_sample *sample, struct sockaddr_in6 *address)
{
	uint64_t offset;
	size_t size;

	if (!sample->registers || !sample->stack)
		return false;
	offset = sample->registers[0] - sample->registers[1];
	if (offset > sample->stack_size ||
	    sample->stack_size - offset < sizeof(struct sockaddr_in))
		return false;
	size = sample->stack_size - (size_t)offset;
	memset(address, 0, sizeof *address);
	memcpy(address, sample->stack + offset,
	       size < sizeof *address ? size : sizeof *address);
	return address->sin6_family != AF_INET6 || size >= sizeof *address;
}

/* Returns whether it is of IPv6. */
static bool copy_address(uint8_t to[16], const struct sockaddr_in6 *address)
{
	const struct sockaddr_in *four = (const void *)address;

	if (address->sin6_family == AF_INET6)
		memcpy(to, &address->sin6_addr, 16);
	else
		memcpy(to, &four->sin_addr, 4);
	return address->sin6_family == AF_INET6;
}

static bool is_internet(const struct sockaddr_in6 *address)
{
	return address->sin6_family == AF_INET || address->sin6_family == AF_INET6;
}

static bool from_exit(struct failures_perf *watch, const struct perf_sample *sample,
		      struct seen_failure *seen)
{
	struct sockaddr_in6 address;

	if (!given_address(sample, &address)) {
		watch->unclear++;
		return false;
	}
	if (!is_internet(&address))
		return false;
	if (sample->wish == WISH_BIND) {
		seen->call = SEEN_BIND;
		seen->error = EADDRINUSE;
		seen->flags |= SEEN_SOURCE;
		if (copy_address(seen->source, &address))
			seen->flags |= SEEN_FROM_IPV6;
		return !address.sin6_port;
	}
	/* Of the sockets that speak IP, those of TCP do not fail so. */
	seen->call = SEEN_CONNECT;
	seen->error = EAGAIN;
	seen->protocol = IPPROTO_UDP;
	seen->flags |= SEEN_DESTINATION;
	seen->destination_port = ntohs(address.sin6_port);
	if (copy_address(seen->destination, &address))
		seen->flags |= SEEN_TO_IPV6;
	return true;
}

/* A thread may be in another namespace than its process. */
static u32 netns_of_thread(const struct failures_perf *watch, const struct perf_sample *sample)
{
	char path[64], link[64];

	if (sample->pid <= 0)
		return 0;
	snprintf(path, sizeof path, "%d/task/%d/ns/net", sample->pid, sample->thread);
	if (proc_file_link(watch->proc, path, link, sizeof link) < 0)
		return 0;
	return (u32)proc_file_link_number(link, "net:[");
}

/* To learn who owns a port, portroom asks for that one port by IP_LOCAL_PORT_RANGE and expects to be
 * refused (port_test.c). The tracepoint does not tell the range. */
static bool is_port_test(const struct failures_perf *watch, const struct seen_failure *seen)
{
	char path[32], name[32];

	if (seen->pid == getpid())
		return true;
	snprintf(path, sizeof path, "%d/comm", seen->pid);
	return proc_file_read(watch->proc, path, name, sizeof name) > 0 &&
	       !strcmp(name, "portroom\n");
}

static bool take_sample(void *context, const struct perf_sample *sample)
{
	struct failures_perf *watch = context;
	const struct failures_wanted *wanted = &watch->wanted;
	struct seen_failure seen = {
		.time_ns = sample->time_ns,
		.pid = sample->pid > 0 ? sample->pid : 0,
	};

	if (wanted->pid && seen.pid != wanted->pid)
		return true;
	if (sample->wish == WISH_STATE ? !from_state(watch, sample, &seen) :
					 !from_exit(watch, sample, &seen))
		return true;
	if (seen.call == SEEN_CONNECT && seen.error == EADDRNOTAVAIL &&
	    is_port_test(watch, &seen))
		return true;
	seen.netns = netns_of_thread(watch, sample);
	if (wanted->netns && !seen.netns)
		watch->unclear++;
	if (wanted->netns && seen.netns != wanted->netns)
		return true;
	return watch->take(watch->context, &seen);
}

void failures_perf_take(struct failures_perf *watch, failures_take take, void *context)
{
	watch->take = take;
	watch->context = context;
	perf_events_take(watch->events, take_sample, watch);
}

int failures_perf_descriptor(const struct failures_perf *watch)
{
	return perf_events_descriptor(watch->events);
}

uint64_t failures_perf_lost(const struct failures_perf *watch)
{
	return perf_events_lost(watch->events);
}

uint64_t failures_perf_unclear(const struct failures_perf *watch)
{
	return watch->unclear;
}

unsigned failures_perf_slows_calls_ns(const struct failures_perf *watch)
{
	return watch->wanted.cheap ? 0 : NANOSECONDS;
}
