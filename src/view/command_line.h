#pragma once

struct arena;
struct process;

/*
 * Which program an interpreter runs: "python3 /opt/app/billing.py", without what comes
 * behind. NULL if the process is no
 * interpreter (python, java, node, ...), or if its command line says no more than its name.
 */
const char *command_line_of_script(struct arena *arena, const struct process *process);
