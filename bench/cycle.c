/*
 * What a BPF program costs: connect, accept and close on loopback, both ends in this process, and the time
 * that the kernel says to have spent in programs of a given name (BPF_ENABLE_STATS). Between them runs of
 * a system call that has nothing to do with sockets.
 *
 * The connections go through a network namespace of its own, but programs are the machine's: other
 * traffic meanwhile is counted, too. `runs` tells: a cycle that the client ends by close() makes ten changes
 * of state, one that it ends by a reset six.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SYSTEM_CALLS = 500000, WARM_UP = 500, MOST_PROGRAMS = 16 };

struct cost {
	uint64_t ns, runs;
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- programs --- */

static int bpf(int command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static struct bpf_prog_info info_of(int program)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attributes = { 0 };

	attributes.info.bpf_fd = (uint32_t)program;
	attributes.info.info_len = sizeof(info);
	attributes.info.info = (uint64_t)(uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes) < 0)
		err(1, "BPF_OBJ_GET_INFO_BY_FD");
	return info;
}

/* Opens all programs of that name. */
static unsigned find_programs(const char *name, int programs[MOST_PROGRAMS])
{
	union bpf_attr next = { 0 };
	unsigned count = 0;

	while (count < MOST_PROGRAMS && bpf(BPF_PROG_GET_NEXT_ID, &next) == 0) {
		union bpf_attr open = { 0 };

		open.prog_id = next.start_id = next.next_id;
		int program = bpf(BPF_PROG_GET_FD_BY_ID, &open);
		if (program < 0)
			continue; /* gone meanwhile */
		if (strcmp(info_of(program).name, name) == 0)
			programs[count++] = program;
		else
			close(program);
	}
	return count;
}

static struct cost cost_of(const int *programs, unsigned count)
{
	struct cost cost = { 0 };

	for (unsigned i = 0; i < count; i++) {
		struct bpf_prog_info info = info_of(programs[i]);
		cost.ns += info.run_time_ns;
		cost.runs += info.run_cnt;
	}
	return cost;
}

static void enable_statistics(void)
{
	union bpf_attr attributes = { .enable_stats.type = BPF_STATS_RUN_TIME };

	/* Until this process ends. */
	if (bpf(BPF_ENABLE_STATS, &attributes) < 0)
		err(1, "BPF_ENABLE_STATS");
}

/* --- work --- */

static void enter_own_namespace(void)
{
	struct ifreq loopback = { .ifr_name = "lo" };
	int control;

	if (unshare(CLONE_NEWNET) < 0)
		err(1, "a network namespace of its own");
	control = socket(AF_INET, SOCK_DGRAM, 0);
	if (control < 0 || ioctl(control, SIOCGIFFLAGS, &loopback) < 0)
		err(1, "lo");
	loopback.ifr_flags |= IFF_UP;
	if (ioctl(control, SIOCSIFFLAGS, &loopback) < 0)
		err(1, "lo up");
	close(control);
}

static int listen_somewhere(struct sockaddr_in *address)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = sizeof(*address);

	*address = (struct sockaddr_in){ .sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (listener < 0 || bind(listener, (struct sockaddr *)address, size) < 0 ||
	    listen(listener, 128) < 0 ||
	    getsockname(listener, (struct sockaddr *)address, &size) < 0)
		err(1, "listener");
	return listener;
}

/* Without entries in TIME_WAIT, which would use the ports up: changes of state are the same. */
static void leave_nothing(void)
{
	FILE *setting = fopen("/proc/sys/net/ipv4/tcp_max_tw_buckets", "w");

	if (!setting || fputs("0", setting) < 0 || fclose(setting) < 0)
		err(1, "tcp_max_tw_buckets");
}

static void cycle(int listener, const struct sockaddr_in *address, bool reset)
{
	const struct linger at_once = { .l_onoff = 1 };
	int client = socket(AF_INET, SOCK_STREAM, 0);

	if (client < 0 || connect(client, (const struct sockaddr *)address, sizeof(*address)))
		err(1, "connect");
	int served = accept(listener, NULL, NULL);
	if (served < 0)
		err(1, "accept");
	if (reset)
		setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(client);
	close(served);
}

static double seconds_for(unsigned long cycles, int listener,
			  const struct sockaddr_in *address, bool reset)
{
	double begin = now_s();

	for (unsigned long i = 0; i < cycles; i++)
		cycle(listener, address, reset);
	return now_s() - begin;
}

static double seconds_for_system_calls(void)
{
	double begin = now_s();

	for (unsigned i = 0; i < SYSTEM_CALLS; i++)
		syscall(SYS_getppid);
	return now_s() - begin;
}

static void measure(unsigned long cycles, const int *programs, unsigned count, int listener,
		    const struct sockaddr_in *address, bool reset)
{
	double system_calls = seconds_for_system_calls();
	struct cost before = cost_of(programs, count);
	double wall = seconds_for(cycles, listener, address, reset);
	struct cost after = cost_of(programs, count);

	printf("cycles=%lu us=%.2f bpf_us=%.3f runs=%.2f getppid_ns=%.1f programs=%u\n",
	       cycles, wall / (double)cycles * 1e6,
	       (double)(after.ns - before.ns) / (double)cycles / 1e3,
	       (double)(after.runs - before.runs) / (double)cycles,
	       system_calls / SYSTEM_CALLS * 1e9, count);
	fflush(stdout);
}

/* --- options --- */

static const char usage[] =
	"Usage: cycle [--cycles N] [--rounds N] [--program NAME] [--reset]\n"
	"Connects, accepts and closes on loopback; prints a line for each round: microseconds a\n"
	"cycle (us), of these in BPF programs called NAME (bpf_us) and how often they ran (runs),\n"
	"nanoseconds of a call of getppid(). Needs root. 20,000 cycles, 5 rounds,\n"
	"note_connection, which is the ledger of portroom check --sample. --reset: the client ends by a reset.\n";

static unsigned long number(const char *name, const char *text)
{
	char *rest;

	errno = 0;
	unsigned long value = strtoul(text, &rest, 10);
	if (errno || rest == text || *rest || *text == '-' || !value || value > 100000000)
		errx(2, "--%s %s: not a number", name, text);
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "cycles", required_argument, NULL, 'c' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "program", required_argument, NULL, 'p' },
		{ "reset", no_argument, NULL, 'x' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	unsigned long cycles = 20000, rounds = 5;
	const char *name = "note_connection";
	int programs[MOST_PROGRAMS], option;
	bool reset = false;
	struct sockaddr_in address;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			cycles = number("cycles", optarg);
		else if (option == 'r')
			rounds = number("rounds", optarg);
		else if (option == 'p')
			name = optarg;
		else if (option == 'x')
			reset = true;
		else if (option == 'h')
			return fputs(usage, stdout) < 0;
		else
			return fputs("Try cycle --help.\n", stderr), 2;
	}
	enter_own_namespace();
	leave_nothing();
	enable_statistics();
	unsigned count = find_programs(name, programs);
	int listener = listen_somewhere(&address);
	seconds_for(WARM_UP, listener, &address, reset);
	for (unsigned long i = 0; i < rounds; i++)
		measure(cycles, programs, count, listener, &address, reset);
	return 0;
}
