#pragma once

#include "source/source.h"

/* Looks at the machine twice, request->sample_ms apart, and several times at its connections meanwhile: snapshot->sample. */
int sample_read(const struct source_request *request, struct snapshot *snapshot,
		struct error *error);
