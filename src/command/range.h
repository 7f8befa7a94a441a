#pragma once

#include "action/range.h"
#include "command/command.h"

/*
 * portroom range: what its subcommands share.
 */
struct range_options {
	struct common_options common;
	bool first_given, last_given, count_given;
	uint64_t first, last, count;
	bool tcp, udp, ipv4, ipv6; /* rows, as netsh chooses them */
	bool force, shrink, reserve, dry_run, persist;
	uint64_t for_ms; /* try: 0 if not given */
	bool resets;	 /* --persist removes the file for the next boot */
};

/* 0, or the exit status of a failure that has been told. */
int range_run_set(const struct command *command, struct range_options *options);
int range_run_try(const struct command *command, struct range_options *options);
int range_run_reset(const struct command *command, struct range_options *options);
int range_run_confirm(const struct command *command, struct range_options *options);
int range_run_undo(const struct command *command, struct range_options *options);

/* --persist where it means nothing: -1 with a sentence. */
int range_refuse_persist(const struct range_options *options, const struct range_place *place,
			 struct error *error);

/* The namespace of a snapshot, as what changes it wants to be told. */
struct range_place range_place_of(const struct netns *netns);
