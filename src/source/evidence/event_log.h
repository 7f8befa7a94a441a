#pragma once

#include "base/error.h"
#include "source/artefact/artefact.h"

struct dossier;

/*
 * The records of a Windows event log (.evtx). `fd` has its bytes. The file is in the dossier afterwards in any case.
 */
void event_log_read(const struct artefact_input *input, int fd, struct dossier *dossier);
