#pragma once

/*
 * An answer within a time limit, even if what is looked at never answers: the text, written beforehand, goes to that
 * standard stream (1 or 2) and the program ends with that status.
 */
void deadline_set(unsigned seconds, int stream, const char *text, int status);
void deadline_clear(void);
