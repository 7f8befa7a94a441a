#pragma once

#include "view/view.h"

/*
 * portroom range show: the range as netsh shows it on Windows, and where it comes from.
 */

/* A file that sets the range or the reserved ports when the machine boots. */
struct range_setter {
	const char *path, *key, *value;
	bool wins; /* none that is read later sets the same */
};

struct range_facts {
	const struct snapshot *snapshot;
	bool boot_known; /* files of boot say something about the first namespace */
	const struct range_setter *setters; /* as they are read at boot */
	size_t setter_count;
	const char *const *unread; /* files that could not be read, with the reason */
	size_t unread_count;
	const char *last; /* what portroom changed last; NULL: nothing */
};

void range_text(const struct range_facts *facts, const struct view_style *style);
void range_json(const struct range_facts *facts, FILE *out);
