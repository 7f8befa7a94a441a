#pragma once

#include <stdint.h>

struct account_route;
struct arena;
struct nt_route;
struct process;

/*
 * What one process tells of itself, as far as that is allowed: its executable, its user, its command line, into `process`, whose
 * number and beginning (start_ticks; 0: not known) are there. Where there is no such process any more it has ended.
 */
void details_read(const struct nt_route *nt, const struct account_route *account,
		  struct arena *arena, struct process *process);

/* When it began, a FILETIME; 0: not known. */
uint64_t details_created(void *process);
