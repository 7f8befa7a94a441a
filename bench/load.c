/*
 * A reproducible load of TCP sockets, in network namespaces of its own.
 *
 * Theory of operation. For each namespace there are holders, which open their share of the
 * connections (both ends in one process) and then sleep. Two makers go through all namespaces and
 * make TIME_WAIT whenever they are told how many are missing where. Connections go to 127.0.0.1,
 * TIME_WAIT to 127.0.0.2, each over `destinations` ports; the client's address is always 127.0.0.1.
 *
 * An entry of TIME_WAIT lives 60 s (TCP_TIMEWAIT_LEN, Linux include/net/tcp.h). All of them are made
 * within some ten seconds and so end within ten seconds. `refill SECONDS` promises that none ends
 * for that long; when the present ones cannot promise it, it waits for their end and makes all anew,
 * since a mixture would shrink under the eyes of whoever counts it.
 *
 * Everything ends with this process: workers by PR_SET_PDEATHSIG, sockets with the workers, TIME_WAIT
 * with the namespaces.
 */
#define _GNU_SOURCE
#include "connections.h"
#include "netns.h"
#include "worker.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	MAKERS = 2,
	FIRST_LISTENER_PORT = 1024,
	SPARE_DESCRIPTORS = 1000,
	MOST_PER_HOLDER = 18000, /* descriptors */
	TIME_WAIT_S = 60,
	PATIENCE_S = 90, /* until TIME_WAIT ends: its timers may be some seconds late */
};

static const in_addr_t held_host = 0x7f000001, resting_host = 0x7f000002;

/* What was asked for; the first two are totals over all namespaces, the others count in each. */
struct plan {
	unsigned long connections, time_wait;
	unsigned destinations, holders, namespaces;
};

struct load {
	struct plan plan;
	int *netns;
	struct worker *holders; /* plan.holders for each namespace */
	struct worker makers[MAKERS];
	double filled_at_s; /* when the oldest TIME_WAIT was made */
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *allocate(size_t number, size_t size)
{
	void *memory = calloc(number, size);

	if (!memory)
		errx(1, "out of memory");
	return memory;
}

/* The share of part `index` when `total` is dealt out to `parts`. */
static unsigned long share(unsigned long total, unsigned parts, unsigned index)
{
	return total / parts + (index < total % parts);
}

static struct netns_count count_all(const struct load *load)
{
	struct netns_count all = { 0 };

	for (unsigned i = 0; i < load->plan.namespaces; i++) {
		netns_enter(load->netns[i]);
		struct netns_count one = netns_count();
		all.sockets += one.sockets;
		all.time_wait += one.time_wait;
	}
	netns_enter(load->netns[0]);
	return all;
}

/* --- holders and makers: the children's side --- */

static _Noreturn void hold(const struct plan *plan, unsigned long connections, unsigned index)
{
	unsigned count = (unsigned)share(plan->destinations, plan->holders, index);
	struct destination *list = allocate(count, sizeof(*list));

	close_range(STDERR_FILENO + 1, ~0U, 0);
	connections_listen(list, count, held_host, FIRST_LISTENER_PORT + index, plan->holders);
	connections_keep(list, count, connections);
	worker_report();
	for (;;)
		pause();
}

static _Noreturn void make(const struct plan *plan, const int *netns, unsigned index)
{
	unsigned count = (unsigned)share(plan->destinations, MAKERS, index);
	struct destination *list = allocate((size_t)count * plan->namespaces, sizeof(*list));

	for (unsigned i = 0; i < plan->namespaces; i++) {
		netns_enter(netns[i]);
		connections_listen(list + (size_t)i * count, count, resting_host,
				   FIRST_LISTENER_PORT + index, MAKERS);
	}
	worker_report();
	for (;;) {
		for (unsigned i = 0; i < plan->namespaces; i++) {
			unsigned long missing;
			worker_order(&missing, sizeof(missing));
			netns_enter(netns[i]);
			connections_rest(list + (size_t)i * count, count, missing);
		}
		worker_report();
	}
}

/* --- the parent's side --- */

static void start_holders(struct load *load)
{
	const struct plan *plan = &load->plan;
	/* Closing the connections in the end gives one entry of TIME_WAIT for each. */
	unsigned long limit =
		2 * (plan->time_wait + plan->connections) / plan->namespaces + 1000;

	for (unsigned i = 0; i < plan->namespaces; i++) {
		unsigned long here = share(plan->connections, plan->namespaces, i);
		load->netns[i] = netns_make(limit);
		for (unsigned j = 0; j < plan->holders; j++)
			if (worker_start(&load->holders[i * plan->holders + j], "load-holder"))
				hold(plan, share(here, plan->holders, j), j);
	}
	for (unsigned i = 0; i < plan->namespaces * plan->holders; i++)
		worker_wait(&load->holders[i]);
}

static void start_makers(struct load *load)
{
	for (unsigned i = 0; i < MAKERS; i++)
		if (worker_start(&load->makers[i], "load-maker"))
			make(&load->plan, load->netns, i);
	for (unsigned i = 0; i < MAKERS; i++)
		worker_wait(&load->makers[i]);
}

static void fill_once(struct load *load)
{
	for (unsigned i = 0; i < load->plan.namespaces; i++) {
		netns_enter(load->netns[i]);
		unsigned long wanted = share(load->plan.time_wait, load->plan.namespaces, i);
		unsigned long present = netns_count().time_wait;
		unsigned long missing = wanted > present ? wanted - present : 0;
		for (unsigned j = 0; j < MAKERS; j++) {
			unsigned long part = share(missing, MAKERS, j);
			worker_give(&load->makers[j], &part, sizeof(part));
		}
	}
	for (unsigned j = 0; j < MAKERS; j++)
		worker_wait(&load->makers[j]);
	netns_enter(load->netns[0]);
}

/* One round may miss an entry or two that a timer or a late packet took away. */
static void fill(struct load *load)
{
	for (int round = 0; round < 3; round++)
		if (count_all(load).time_wait < load->plan.time_wait)
			fill_once(load);
}

static void wait_for_the_end_of_time_wait(const struct load *load)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	double until = now_s() + PATIENCE_S;

	while (count_all(load).time_wait > 0) {
		if (now_s() > until)
			errx(1, "TIME_WAIT did not end within %d s", PATIENCE_S);
		nanosleep(&pause, NULL);
	}
}

static double seconds_left(const struct load *load)
{
	double left = load->filled_at_s + TIME_WAIT_S - now_s();

	return left > 0 ? left : 0;
}

static void refill(struct load *load, double seconds)
{
	if (load->plan.time_wait == 0)
		return;
	if (seconds_left(load) == 0 || seconds_left(load) < seconds) {
		wait_for_the_end_of_time_wait(load);
		load->filled_at_s = now_s();
	}
	fill(load);
}

static void say(const struct load *load, const char *word)
{
	struct netns_count count = count_all(load);

	printf("%s pid=%d connections=%lu sockets=%lu time_wait=%lu seconds_left=%.1f "
	       "namespaces=%u processes=%u\n",
	       word, (int)getpid(), load->plan.connections, count.sockets, count.time_wait,
	       seconds_left(load), load->plan.namespaces,
	       load->plan.namespaces * load->plan.holders);
	if (fflush(stdout) == EOF)
		err(1, "standard output");
}

static void obey(struct load *load)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		double seconds = 0;
		if (strncmp(line, "refill", 6) == 0) {
			sscanf(line + 6, "%lf", &seconds);
			refill(load, seconds);
			say(load, "refilled");
		} else if (strcmp(line, "count\n") == 0) {
			say(load, "counted");
		} else {
			line[strcspn(line, "\n")] = '\0';
			warnx("%s: not a command; there are refill [SECONDS] and count", line);
		}
	}
}

static void end_worker(const struct worker *worker)
{
	if (worker->pid > 0) {
		kill(worker->pid, SIGKILL);
		waitpid(worker->pid, NULL, 0);
	}
}

static void end(struct load *load)
{
	for (unsigned i = 0; i < load->plan.namespaces * load->plan.holders; i++)
		end_worker(&load->holders[i]);
	for (unsigned i = 0; i < MAKERS; i++)
		end_worker(&load->makers[i]);
}

/* --- options --- */

static const char usage[] =
	"Usage: load [OPTION]...\n"
	"Makes TCP sockets in network namespaces of its own and holds them until its standard\n"
	"input ends. Needs root.\n"
	"\n"
	"  --established N   open connections, two sockets each, in all namespaces (1000)\n"
	"  --time-wait M     sockets in TIME_WAIT, in all namespaces (0)\n"
	"  --destinations D  destination ports of either kind in each namespace (24)\n"
	"  --processes P     holders of the connections (as few as their descriptors allow)\n"
	"  --namespaces K    network namespaces, each with at least one holder (1)\n"
	"\n"
	"Commands on standard input; each is answered by one line with the kernel's counts:\n"
	"  refill [SECONDS]  makes TIME_WAIT complete again, such that none ends for SECONDS\n"
	"  count             just the counts\n";

static unsigned long number(const char *name, const char *text, unsigned long least,
			    unsigned long most)
{
	char *rest;

	errno = 0;
	unsigned long value = strtoul(text, &rest, 10);
	if (errno || rest == text || *rest || *text == '-' || value < least || value > most)
		errx(2, "--%s %s: not a number from %lu to %lu", name, text, least, most);
	return value;
}

static struct plan parse(int argc, char **argv)
{
	unsigned long connections = 1000, time_wait = 0, destinations = 24, processes = 0;
	unsigned long namespaces = 1;
	/* In the order of `options`. */
	const struct {
		unsigned long *value, least, most;
	} numbers[] = {
		{ &connections, 0, 10000000 },	 { &time_wait, 0, 10000000 },
		{ &destinations, MAKERS, 1000 }, { &processes, 1, 10000 },
		{ &namespaces, 1, 5000 },
	};
	static const struct option options[] = {
		{ "established", required_argument, NULL, 'n' },
		{ "time-wait", required_argument, NULL, 'n' },
		{ "destinations", required_argument, NULL, 'n' },
		{ "processes", required_argument, NULL, 'n' },
		{ "namespaces", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option, i;

	while ((option = getopt_long(argc, argv, "", options, &i)) != -1) {
		if (option == 'n') {
			*numbers[i].value = number(options[i].name, optarg, numbers[i].least,
						   numbers[i].most);
		} else if (option == 'h') {
			fputs(usage, stdout);
			exit(0);
		} else {
			fputs("Try load --help.\n", stderr);
			exit(2);
		}
	}
	if (optind < argc)
		errx(2, "%s: not an option", argv[optind]);
	if (processes == 0)
		processes = (2 * connections + MOST_PER_HOLDER - 1) / MOST_PER_HOLDER;
	if (processes == 0)
		processes = 1;
	return (struct plan){
		.connections = connections,
		.time_wait = time_wait,
		.destinations = (unsigned)destinations,
		.holders = (unsigned)((processes + namespaces - 1) / namespaces),
		.namespaces = (unsigned)namespaces,
	};
}

/* Refuses what cannot work, before anything is made. */
static void check(const struct plan *plan)
{
	struct rlimit files;
	unsigned long ports = NETNS_LAST_PORT - NETNS_FIRST_PORT + 1;
	unsigned long most =
		plan->connections > plan->time_wait ? plan->connections : plan->time_wait;
	unsigned long holders = (unsigned long)plan->namespaces * plan->holders;
	unsigned long held = 2 * (plan->connections / holders + 1) + plan->destinations;
	unsigned long made =
		(unsigned long)plan->namespaces * (plan->destinations / MAKERS + 2);

	if (plan->holders > plan->destinations)
		errx(2, "%u processes need as many --destinations at least", plan->holders);
	if (most / plan->namespaces / plan->destinations > ports * 9 / 10)
		errx(2, "%lu sockets need more than %u --destinations", most,
		     plan->destinations);
	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		err(1, "RLIMIT_NOFILE");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		err(1, "RLIMIT_NOFILE");
	if ((held > made ? held : made) + SPARE_DESCRIPTORS > files.rlim_max)
		errx(2,
		     "a process would need %lu descriptors but may have %llu: use more --processes "
		     "or fewer --destinations",
		     (held > made ? held : made) + SPARE_DESCRIPTORS,
		     (unsigned long long)files.rlim_max);
}

int main(int argc, char **argv)
{
	struct load load = { .plan = parse(argc, argv) };

	check(&load.plan);
	load.netns = allocate(load.plan.namespaces, sizeof(*load.netns));
	load.holders = allocate((size_t)load.plan.namespaces * load.plan.holders,
				sizeof(*load.holders));
	start_holders(&load);
	if (load.plan.time_wait > 0)
		start_makers(&load);
	refill(&load, 0);
	say(&load, "ready");
	obey(&load);
	end(&load);
	free(load.netns);
	free(load.holders);
	return 0;
}
