#pragma once

#include "diagnosis/rule.h"

/*
 * Remedies that several rules offer. Each says what room the destination or pool would have by the
 * capacity model, so nothing is promised that the kernel does not give.
 */
void remedy_reuse_connections(struct diagnosis *diagnosis, struct finding *finding,
			      const struct destination *destination);
void remedy_tw_reuse(struct diagnosis *diagnosis, struct finding *finding,
		     const struct destination *destination);
void remedy_second_source(struct diagnosis *diagnosis, struct finding *finding,
			  const struct destination *destination);

/* Ends the process: what it holds comes back, connections after their time in TIME_WAIT. */
void remedy_end_process(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query, int64_t index);

/* Widens the range to 1024-65535. */
void remedy_wider_range(struct diagnosis *diagnosis, struct finding *finding,
			const struct capacity_query *query);

/* Drops all reservations, if at least so much of the range is reserved. */
void remedy_drop_reserved(struct diagnosis *diagnosis, struct finding *finding,
			  const struct capacity_query *query, unsigned least_percent);

/* Reserved ports that are a part of what a destination or pool lacks. */
enum { NOTABLY_RESERVED_PERCENT = 10 };

/* A remedy in the program itself, whose gain in room cannot be told. */
void remedy_mend(struct finding *finding, const char *text, unsigned room_before);

/* The question behind a destination. */
struct capacity_query remedy_query(const struct destination *destination);

/* What people try and why it does not help here. */
void remedy_useless(struct finding *finding, const struct destination *destination);
