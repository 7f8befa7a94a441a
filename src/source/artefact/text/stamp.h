#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Dates as people and their loops write them before what they list: "Wed 01/22/2025 13:05:09.12" of cmd's %date% %time%,
 * "22.01.2025  9:05:09,12", "2025/01/22 13:05:09". One alone is often ambiguous; all stamps of a file together seldom are.
 */
struct stamp {
	bool has_date, has_time;
	uint16_t parts[3]; /* of the date, as they stand there */
	uint8_t digits[3];
	char separator;
	char weekday[16]; /* the word beside the date, "Wed", "Date:"; "": there is none */
	int32_t day_ms;	  /* since midnight */
	bool zone_known;
	int32_t zone_ms; /* to the east of UTC */
};

/* The first date, or time, or both, of the line; `text`: where it stands. false: there is neither. */
bool stamp_find(struct span line, struct stamp *stamp, struct span *text);

/* In which order a date's parts are. */
enum stamp_order { STAMP_YEAR_FIRST, STAMP_DAY_FIRST, STAMP_MONTH_FIRST, STAMP_ORDERS };

/* Whether the parts are a date in that order; then its milliseconds since 1970, of the zone where it was written, or UTC if
 * the zone is known. */
bool stamp_ms(const struct stamp *stamp, enum stamp_order order, int64_t *time_ms);

/* 0 for Sunday. */
int stamp_weekday(int64_t time_ms);
