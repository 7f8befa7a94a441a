#pragma once

#include "command/command.h"

/* What check and read have in common: read is check of what it is given. */
extern const struct option_spec read_options[];

int check_run(const struct command *command, int argc, char **argv);
