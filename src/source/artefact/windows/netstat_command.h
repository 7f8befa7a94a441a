#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What netstat was asked for: by the command line that a console has echoed, or as far as the listing itself shows it.
 */
struct netstat_command {
	bool is_echoed;
	bool all, numeric, owners, bound, programs; /* -a -n -o -q -b */
	bool no_tcp, no_udp;			    /* -p of the other */
	bool is_filtered; /* by findstr and its like, or one family only */
};

/* From a line such as "C:\>netstat -anoq >> file.txt"; false: there is no such command in it. */
bool netstat_command_read(const char *line, struct netstat_command *command);

/* "netstat -anoq" */
void netstat_command_print(const struct netstat_command *command, char *text, size_t size);
