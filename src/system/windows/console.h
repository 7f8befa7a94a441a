#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

/*
 * A console gets text as UTF-16, which it shows whatever its code page is.
 */

/* From now on what is written to the standard streams (1, 2) that are consoles goes to them in this way. */
void console_start(void);

/* All that was written is shown, and the console is as it was found. May be called again. */
void console_end(void);

/* For an end that waits for nobody: what is under way may be lost, but the console is as it was found. */
void console_leave(void);

/* Whether the stream is a console; its handle, whatever the C library has in its place by now. */
bool console_is(int stream);
HANDLE console_handle(int stream);

/* Whether it understands sequences for colours. */
bool console_has_colours(int stream);

/* UTF-8 straight to a console; what is no UTF-8 becomes U+FFFD. Returns how many bytes were taken: the last character may not
 * be whole, and waits for its rest. */
size_t console_write(HANDLE console, const char *text, size_t size);
