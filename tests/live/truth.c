#include "truth.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "give_up.h"
#include "namespace.h"

static struct truth_holder *new_holder(struct truth *truth, const char *what)
{
	struct truth_holder *holder;

	if (truth->holder_count == TRUTH_HOLDERS_MAX)
		give_up("more than %d holders", TRUTH_HOLDERS_MAX);
	holder = &truth->holders[truth->holder_count++];
	snprintf(holder->what, sizeof holder->what, "%s", what);
	return holder;
}

void truth_holder(struct truth *truth, const struct held *held, const char *what)
{
	struct truth_holder *holder = new_holder(truth, what);

	holder->pid = held->pid;
	holder->ports = ports_between(&held->ports, truth->first, truth->last);
	holder->sockets = held->sockets;
	holder->bound = held->bound;
}

void truth_nobody(struct truth *truth, unsigned ports, const char *what)
{
	struct truth_holder *holder = new_holder(truth, what);

	holder->ports = holder->sockets = ports;
}

struct target *truth_target(struct truth *truth, const struct plan *plan, unsigned eligible,
			    unsigned available)
{
	struct target *target;

	if (truth->target_count == TARGETS_MAX)
		give_up("more than %d targets", TARGETS_MAX);
	target = &truth->targets[truth->target_count++];
	target->plan = *plan;
	target->eligible = eligible;
	target->available = available;
	/*
	 * The target sees what a new socket would: its source is found before ports are looked
	 * for.
	 */
	if (plan->bind_to)
		snprintf(target->source, sizeof target->source, "%s", plan->bind_to);
	else if (plan->listens || plan->type == SOCK_DGRAM)
		snprintf(target->source, sizeof target->source, "%s",
			 sockets_family(plan) == AF_INET6 ? "::" : "0.0.0.0");
	else
		sockets_source_for(plan->connect_to, target->source, sizeof target->source);
	return target;
}

const char *truth_how(const struct plan *plan)
{
	if (plan->listens)
		return "listen_autobind";
	if (!plan->connect_to)
		return "bind0";
	if (plan->type == SOCK_DGRAM)
		return "autobind";
	return plan->bind_to ? "connect_noport" : "connect";
}

/* The three kinds of call report the same want with three different errors. */
int truth_errno(const struct plan *plan)
{
	if (plan->listens || !plan->connect_to)
		return EADDRINUSE;
	return plan->type == SOCK_DGRAM ? EAGAIN : EADDRNOTAVAIL;
}

const char *truth_errno_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ 0, "no error" },
		{ EADDRINUSE, "EADDRINUSE" },
		{ EADDRNOTAVAIL, "EADDRNOTAVAIL" },
		{ EAGAIN, "EAGAIN" },
		{ ETIMEDOUT, "ETIMEDOUT" },
		{ ECONNREFUSED, "ECONNREFUSED" },
		{ EMFILE, "EMFILE" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].error == error)
			return names[i].name;
	}
	return strerror(error);
}

static const char *protocol(const struct plan *plan)
{
	const bool v6 = sockets_family(plan) == AF_INET6;

	if (plan->type == SOCK_DGRAM)
		return v6 ? "udp6" : "udp4";
	return v6 ? "tcp6" : "tcp4";
}

static void print_target(const struct target *target, FILE *out)
{
	const struct plan *plan = &target->plan;

	fprintf(out, "{\"how\": \"%s\", \"proto\": \"%s\", \"src\": \"%s\"", truth_how(plan),
		protocol(plan), target->source);
	if (plan->connect_to)
		fprintf(out, ", \"dst\": \"%s\", \"dport\": %u", plan->connect_to, plan->port);
	else
		fputs(", \"dst\": null, \"dport\": null", out);
	if (plan->range_first)
		fprintf(out, ", \"port_range\": [%u, %u]", plan->range_first,
			plan->range_last);
	else
		fputs(", \"port_range\": null", out);
	fprintf(out, ", \"eligible\": %u, \"available\": %u, \"errno\": \"%s\"",
		target->eligible, target->available, truth_errno_name(truth_errno(plan)));
	fprintf(out, ", \"odd\": %s, \"uncertain\": %s}", target->odd ? "true" : "false",
		target->uncertain ? "true" : "false");
}

static void print_holder(const struct truth_holder *holder, FILE *out)
{
	fprintf(out, "{\"pid\": %d, \"ports\": %u, \"sockets\": %u", (int)holder->pid,
		holder->ports, holder->sockets);
	fprintf(out, ", \"bound\": %u, \"what\": \"%s\"}", holder->bound, holder->what);
}

void truth_print(const struct truth *truth, FILE *out)
{
	fprintf(out,
		"{\"situation\": \"%s\", \"pid\": %d, \"netns\": %" PRIu64
		", \"range\": [%u, %u]",
		truth->situation, (int)getpid(), namespace_inode(), truth->first, truth->last);
	if (truth->valid_s)
		fprintf(out, ", \"valid_seconds\": %u", truth->valid_s);
	fputs(", \"holders\": [", out);
	for (unsigned i = 0; i < truth->holder_count; i++) {
		fputs(i ? ", " : "", out);
		print_holder(&truth->holders[i], out);
	}
	fputs("], \"targets\": [", out);
	for (unsigned i = 0; i < truth->target_count; i++) {
		fputs(i ? ", " : "", out);
		print_target(&truth->targets[i], out);
	}
	fputs("]}", out);
}
