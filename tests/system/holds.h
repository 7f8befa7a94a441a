#pragma once

/* The file has just that text. */
void assert_holds(const char *path, const char *text);
