#pragma once

/*
 * Several situations at once, each in its own namespace and process, this process in none of
 * them: the view from outside. Prints `TRUTH [{…}, …]`, runs the command (or holds), then lets
 * each situation verify itself. Returns the exit status.
 */
int many_run(const char *command, unsigned hold_s);
