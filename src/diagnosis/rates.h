#pragma once

#include <stdint.h>

struct destination;
struct diagnosis;
struct rates;

/*
 * How fast ports are taken, measured: two looks at the machine, and what was noted between them (snapshot's
 * sample). Without a sample nothing is known, and every figure is -1.
 */
void rates_measure(struct diagnosis *diagnosis);

/* "measured over 5 s: 430 connections/s opened; 86 ports/s are lost; full in 4 min ...". NULL without a
 * sample. */
const char *rates_text(struct diagnosis *diagnosis, const struct rates *rates);

/* How long the sample was: "5 s", "0.5 s". */
const char *rates_span(struct diagnosis *diagnosis);

/* "430", "1.5" */
const char *rates_number(struct diagnosis *diagnosis, double per_s);
