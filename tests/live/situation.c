/*
 * Makes a situation on the running kernel, states what is true in it, and measures it by real
 * calls.
 *
 *     situation --list
 *     situation NAME [--hold SECONDS] [--exec COMMAND]
 *
 * Runs as root, in a network namespace of its own. Prints `TRUTH {json}`, then holds the state
 * or runs the command inside the namespace (SITUATION_PID and SITUATION_TRUTH in its
 * environment), then tries every call that was stated until it fails and prints `VERIFY ok` or
 * `VERIFY MISMATCH`. Exit status: that of the command; 2 when the situation could not be made,
 * 3 on a mismatch, 77 with a line `SKIP why` when this kernel cannot have it.
 */
#include "situation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "give_up.h"
#include "many.h"
#include "measure.h"
#include "namespace.h"
#include "run.h"

enum { HOLD_DEFAULT_S = 30, HOLD_MAX_S = 600 };

static const struct situation *const lists[] = {
	situations_connect, situations_bind,  situations_time_wait,
	situations_states,  situations_range, situations_mixed,
	situations_udp,	    situations_cures, situations_lookalikes,
};

enum { LISTS = sizeof lists / sizeof lists[0] };

static const char many_name[] = "many";

static const struct situation *find(const char *name)
{
	for (unsigned i = 0; i < LISTS; i++) {
		for (const struct situation *each = lists[i]; each->name; each++) {
			if (strcmp(each->name, name) == 0)
				return each;
		}
	}
	return NULL;
}

static void print_list(void)
{
	for (unsigned i = 0; i < LISTS; i++) {
		for (const struct situation *each = lists[i]; each->name; each++)
			printf("%-24s %s\n", each->name, each->what);
	}
	printf("%-24s %s\n", many_name, "five of them at once, looked at from outside");
}

static void make(const struct situation *situation, struct truth *truth)
{
	truth->situation = situation->name;
	truth->first = situation->first ? situation->first : FIRST;
	truth->last = situation->last ? situation->last : LAST;
	namespace_enter(truth->first, truth->last);
	situation->make(truth);
}

/*
 * The same thing in a namespace that is thrown away, only to see what this kernel allows then.
 */
static void rehearse(const struct situation *situation, unsigned available[TARGETS_MAX])
{
	const size_t size = TARGETS_MAX * sizeof available[0];
	int report[2];
	pid_t pid;

	if (pipe(report) < 0)
		give_up("pipe: %s", strerror(errno));
	pid = holder_fork();
	if (pid == 0) {
		struct truth truth = { 0 };

		make(situation, &truth);
		for (unsigned i = 0; i < truth.target_count; i++)
			available[i] = measure(&truth.targets[i].plan).successes;
		holders_end();
		_exit(write(report[1], available, size) == (ssize_t)size ? 0 :
									   EXIT_SET_UP_FAILED);
	}
	close(report[1]);
	if (read(report[0], available, size) != (ssize_t)size)
		give_up("the rehearsal failed");
	close(report[0]);
	waitpid(pid, NULL, 0);
}

static void state_as_rehearsed(struct truth *truth, const unsigned available[TARGETS_MAX])
{
	for (unsigned i = 0; i < truth->target_count; i++) {
		if (truth->targets[i].rehearsed)
			truth->targets[i].available = available[i];
	}
}

static bool agrees(const struct target *target, const struct measured *measured)
{
	const unsigned least =
		target->odd && target->available ? target->available - 1 : target->available;

	return measured->successes >= least && measured->successes <= target->available &&
	       measured->error == truth_errno(&target->plan);
}

static int verify(const struct truth *truth)
{
	int status = 0;

	for (unsigned i = 0; i < truth->target_count; i++) {
		const struct target *target = &truth->targets[i];
		const struct measured measured = measure(&target->plan);
		const bool ok = agrees(target, &measured);

		printf("VERIFY %s %s %s->%s:%u stated available=%u measured=%u then %s\n",
		       ok ? "ok" : "MISMATCH", truth_how(&target->plan), target->source,
		       target->plan.connect_to ? target->plan.connect_to : "-",
		       target->plan.port, target->available, measured.successes,
		       truth_errno_name(measured.error));
		fflush(stdout);
		if (!ok)
			status = EXIT_MISMATCH;
	}
	return status;
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static int present(const struct truth *truth, const char *command, unsigned hold_s)
{
	const time_t since = now_s();
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int status, found = 0;

	if (!stream)
		give_up("open_memstream: %s", strerror(errno));
	truth_print(truth, stream);
	fclose(stream);
	printf("TRUTH %s\n", text);
	fflush(stdout);
	status = run_or_hold(command, hold_s, text);
	free(text);
	if (truth->valid_s && now_s() - since > (time_t)truth->valid_s)
		printf("VERIFY skipped: it was true for %u s only\n", truth->valid_s);
	else
		found = verify(truth);
	return status ? status : found;
}

static int run_situation(const struct situation *situation, const char *command,
			 unsigned hold_s)
{
	unsigned available[TARGETS_MAX] = { 0 };
	struct truth truth = { 0 };
	int status;

	alarm(LIFETIME_S);
	if (situation->rehearse)
		rehearse(situation, available);
	make(situation, &truth);
	state_as_rehearsed(&truth, available);
	status = present(&truth, command, hold_s);
	holders_end();
	return status;
}

static int usage(void)
{
	fputs("usage: situation --list | NAME [--hold SECONDS] [--exec COMMAND]\n", stderr);
	return EXIT_SET_UP_FAILED;
}

int main(int count, char **arguments)
{
	const char *command = NULL;
	unsigned long hold_s = HOLD_DEFAULT_S;
	const struct situation *situation;

	if (count == 2 && strcmp(arguments[1], "--list") == 0) {
		print_list();
		return 0;
	}
	if (count < 2 || count % 2)
		return usage();
	for (int i = 2; i < count; i += 2) {
		if (strcmp(arguments[i], "--exec") == 0)
			command = arguments[i + 1];
		else if (strcmp(arguments[i], "--hold") == 0)
			hold_s = strtoul(arguments[i + 1], NULL, 10);
		else
			return usage();
	}
	if (hold_s > HOLD_MAX_S)
		hold_s = HOLD_MAX_S;
	if (strcmp(arguments[1], many_name) == 0)
		return many_run(command, (unsigned)hold_s);
	situation = find(arguments[1]);
	if (!situation) {
		fprintf(stderr, "situation: there is no %s; see --list\n", arguments[1]);
		return EXIT_SET_UP_FAILED;
	}
	return run_situation(situation, command, (unsigned)hold_s);
}
