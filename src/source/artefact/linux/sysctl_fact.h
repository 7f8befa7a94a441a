#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>

struct dossier;

/*
 * A setting as the kernel has it, by its name for sysctl(8): "net.ipv4.ip_local_port_range", "32768\t60999". Whether
 * it is one that matters, and its value could be read; then it is in the dossier.
 */
bool sysctl_fact(struct dossier *dossier, struct span name, struct span value);

/* Whether it is one that matters at all. */
bool sysctl_fact_is_known(struct span name);
