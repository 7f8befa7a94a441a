#pragma once

/*
 * What is changed of the range that ports are chosen from differs by system, and so does how: action/linux/range.h,
 * action/windows/range.h. What every command begins with is the same.
 *
 * Rolls back every try whose deadline has passed and whose guard did not live to do it, and drops the records of
 * earlier boots. `tell` gets a sentence for each that was rolled back, or could not be. Costs one failed open()
 * where portroom has changed nothing.
 */
void range_overdue(void (*tell)(const char *sentence));
