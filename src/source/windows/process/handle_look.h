#pragma once

#include "base/error.h"
#include "source/artefact/windows/handle_table.h"
#include "source/windows/process/nt.h"

#include <stdint.h>

/*
 * One look at all handles of the machine. Which number their type has differs by version of Windows: that of files, which
 * sockets are, is learned from a file of our own.
 */
struct handle_look {
	struct nt_table bytes;
	struct handle_table table;
	int32_t file_type;  /* -1: not known */
	char file_name[32]; /* the name of that type; empty: not told */
};

/* 0, or -1 with why not. */
int handle_look_open(const struct nt_route *route, struct handle_look *look,
		     struct error *error);
void handle_look_close(struct handle_look *look);

/* The name that the system has for a type, "Event", into `name`; asked of handles of that type of which we may have a copy: of
 * that process, then of any. Files of others are not touched for that: to close a copy of one may take its lock. false: there is none. */
bool handle_look_type_name(const struct nt_route *route, const struct handle_look *look,
			   uint16_t type, int32_t pid, char *name, size_t size);
