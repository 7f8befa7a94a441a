#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stdint.h>

struct dossier;

/* What a list of processes says of one: name, services, user, handles. Pid 0, the idle process, is nobody. */

/* false: it is no pid. */
bool told_process_pid(struct span text, int32_t *pid);

/* A name with ".exe" is better than one without; else the first one stays. */
void told_process_name(struct dossier *dossier, int32_t pid, struct span name);
void told_process_user(struct dossier *dossier, int32_t pid, struct span user);

/* Their number; where it is told what they are, by another listing, that stays. */
void told_process_handles(struct dossier *dossier, int32_t pid, int64_t handles);

/* Services that run in it, one or several with commas; more are added to those before. */
void told_process_services(struct dossier *dossier, int32_t pid, struct span services);
