#pragma once

#include "diagnosis/diagnosis.h"
#include "source/source.h"

/* Whom to contact about the processes that findings name: their packages. A machine without findings has none. */
void culprits_identify(const struct source_request *request, const struct diagnosis *diagnosis,
		       struct snapshot *snapshot);
