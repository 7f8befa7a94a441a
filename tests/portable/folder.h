#pragma once

/*
 * A folder of a test's own, where the system has such. Paths are UTF-8 with '/', on every system.
 */
enum { FOLDER_PATH = 4096 };

void folder_make(char path[FOLDER_PATH]);

/* With all that is in it. */
void folder_remove(const char *path);

/* One more folder, of that path. */
void folder_add(const char *path);

/* Puts a file there. */
void folder_write(const char *path, const char *text);
