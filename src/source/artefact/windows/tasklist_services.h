#pragma once

#include "source/artefact/text/line.h"

#include <stdint.h>

struct dossier;

/*
 * The third column of tasklist /svc. What stands there for "none" is a word of the user's language ("N/A", "Nicht
 * zutreffend"): the idle process and System, which come first and have no services, tell it.
 */
struct tasklist_services {
	char none[64];
	size_t none_length;
};

void tasklist_services_take(struct tasklist_services *services, struct dossier *dossier,
			    int32_t pid, struct span text);
