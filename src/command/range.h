#pragma once

#include "command/command.h"

struct arena;
struct diagnosis;
struct range_facts;

/*
 * portroom range: what its subcommands share. The command line is one for all systems; what it does is in command/linux and
 * command/windows.
 */
struct range_options {
	struct common_options common;
	bool first_given, last_given, count_given;
	uint64_t first, last, count;
	bool tcp, udp, ipv4, ipv6; /* rows, as netsh chooses them */
	bool force, shrink, reserve, dry_run, persist;
	uint64_t for_ms; /* try: 0 if not given */
	bool resets;	 /* to the system's default, not to what is given */
};

/* What the system does not have of what was asked for: -1 with a sentence. */
int range_refuse_options(const struct range_options *options, struct error *error);

/* What is known of the machine's range besides the snapshot: files of the boot, what portroom changed last. Text lives in
 * the arena. */
void range_find_facts(const struct range_options *options, struct range_facts *facts,
		      struct arena *arena);

/* 0, or the exit status of a failure that has been told. The first is set, try and reset, once the machine is read. */
int range_carry_out(const struct command *command, const struct range_options *options,
		    struct diagnosis *diagnosis);
int range_run_confirm(const struct command *command, struct range_options *options);
int range_run_undo(const struct command *command, struct range_options *options);

/* A word that portroom says to itself, and that nobody else needs: whether it is one, and was done. */
bool range_run_inside(const char *word, int *status);
