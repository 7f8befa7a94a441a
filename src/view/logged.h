#pragma once

#include "view/view.h"

/*
 * portroom events --on: what the machine has logged itself, as the files tell it, how far the logs reach, and what the absence
 * of an event says.
 */
void logged_text(const struct snapshot *snapshot, const struct view_style *style);
void logged_json(const struct snapshot *snapshot, int64_t now_ms, FILE *out);
