#pragma once

#include "source/source.h"

/*
 * source_read() of files (request->on): finds out what they are, has them read, and joins them into one snapshot. What routing would say is told from the
 * addresses and connections that are in it; sockets are handed on as the holdings tell them, so that whom a server
 * accepted is not known.
 */
int evidence_read(const struct source_request *request, struct snapshot *snapshot,
		  struct error *error);
