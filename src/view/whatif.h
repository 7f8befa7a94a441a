#pragma once

#include "view/view.h"

#include <stddef.h>

struct whatif;
struct whatif_answer;

/*
 * portroom whatif: the room, the rate and the time that are left, now and after a change.
 */
struct whatif_view {
	const struct snapshot *snapshot;
	const struct whatif *change;
	const char *asked; /* the change as it was typed, for whoever reads the answer later */
	bool delay_is_idle; /* tcp_tw_reuse_delay is to change, and tcp_tw_reuse is off */
	const struct whatif_answer *answers; /* fullest first */
	size_t count;
};

void whatif_text(const struct whatif_view *view, const struct view_style *style);
void whatif_json(const struct whatif_view *view, FILE *out);
