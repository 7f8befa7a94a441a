#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * When the room that is left is a warning or critical: a range as monitoring plugins take it
 * (Monitoring Plugins Development Guidelines, "Threshold and Ranges"): [@]START:END alerts outside
 * START to END, with @ inside, both ends belonging to the range; an END left out is infinity, a START
 * of ~ is minus infinity. In ports, or with % in percent of the eligible ports.
 *
 * A single number N is N: here, less than N left, as check_disk has it; by the guidelines it would
 * alert when there is more.
 */
struct threshold {
	double first, last; /* last: INFINITY where it is open */
	bool percent;
	bool inside;  /* @ */
	bool at_once; /* reaching `first` alerts already: the defaults, "5 % or less" */
};

/* -1 with a sentence; `option` names where it was given ("--warning"). */
int threshold_parse(struct threshold *threshold, const char *option, const char *text,
		    struct error *error);

bool threshold_alerts(const struct threshold *threshold, uint64_t room, uint64_t eligible);

/* The range in ports for that many eligible ones, as perfdata has it: "1412:", "@10:20"; "" where it
 * never alerts. */
void threshold_print(const struct threshold *threshold, uint64_t eligible, char *buffer,
		     size_t size);
