/*
 * Cycles of connect(), accept() and close() of both ends over loopback, in a network namespace of its
 * own, for as long as asked.
 */
#define _GNU_SOURCE
#include "connections.h"
#include "netns.h"
#include "statistics.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	DESTINATIONS = 32,
	CYCLES_A_LOOK = 8 * DESTINATIONS, /* at the clock */
	FIRST_LISTENER_PORT = 1024,
	MOST_SECONDS = 30,
	TIME_WAIT_LIMIT = DESTINATIONS * 60000,
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	struct destination list[DESTINATIONS];
	unsigned long cycles = 0;
	int option, empty = -1;
	double seconds = 2;

	while ((option = getopt(argc, argv, "s:be")) != -1) {
		if (option == 's') {
			seconds = atof(optarg);
		} else if (option == 'b') {
			statistics_enable();
		} else if (option == 'e') {
			statistics_enable();
			empty = statistics_attach_empty();
		} else {
			optind = argc + 1;
		}
	}
	if (optind != argc || !(seconds > 0) || seconds > MOST_SECONDS) {
		fputs("Usage: churn [-s SECONDS] [-b | -e]\n"
		      "  -s  how long: up to 30 s (2)\n"
		      "  -b  the kernel adds up the time of BPF programs meanwhile\n"
		      "  -e  the same, and an empty program of its own is there: empty_ns\n",
		      stderr);
		return 2;
	}
	netns_make(TIME_WAIT_LIMIT);
	connections_listen(list, DESTINATIONS, INADDR_LOOPBACK, FIRST_LISTENER_PORT, 1);

	double start_s = now_s(), start_cpu_s = cpu_s(), until_s = start_s + seconds;
	do {
		connections_rest(list, DESTINATIONS, CYCLES_A_LOOK);
		cycles += CYCLES_A_LOOK;
	} while (now_s() < until_s);
	printf("{\"cycles\": %lu, \"wall_s\": %.6f, \"cpu_s\": %.6f, \"empty_ns\": %.0f}\n",
	       cycles, now_s() - start_s, cpu_s() - start_cpu_s,
	       empty < 0 ? 0 : statistics_time_ns(empty));
	return 0;
}
