#pragma once

#include "source/artefact/text/line.h"

#include <stdint.h>

struct dossier;

/* What is told of a Windows machine by the registry and by its banners. Numbers that cannot be are noted and not taken. */
void told_setting_delay(struct dossier *dossier, uint64_t seconds); /* TcpTimedWaitDelay */
void told_setting_max_user_port(struct dossier *dossier, uint64_t port); /* MaxUserPort */
void told_setting_build(struct dossier *dossier, uint64_t build);
void told_setting_host(struct dossier *dossier, struct span name); /* the first one stays */
