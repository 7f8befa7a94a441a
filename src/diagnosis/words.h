#pragma once

#include <stdint.h>

struct capacity;
struct diagnosis;

/*
 * Pieces of sentences. The text lives in the diagnosis's arena.
 */
const char *words_ports(struct diagnosis *diagnosis, uint64_t count);	 /* "28,232 ports" */
const char *words_count(struct diagnosis *diagnosis, uint64_t count);	 /* "28,232" */
const char *words_process(struct diagnosis *diagnosis, int64_t process); /* "nginx, pid 812" */

const char *words_time(struct diagnosis *diagnosis,
		       int64_t time_ms); /* "2026-11-22 13:05:09 UTC" */

const char *words_duration(struct diagnosis *diagnosis, uint64_t seconds); /* "3 h 20 min" */

/* Ports that are out of reach: "95", "40 to 95" */
const char *words_used(struct diagnosis *diagnosis, const struct capacity *capacity);

/* "no room", "5 ports left", "0 to 40 ports left" */
const char *words_room(struct diagnosis *diagnosis, const struct capacity *capacity);
