#pragma once

#include "base/format.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Memory with one owner. What lives together dies together: a snapshot is built in one arena and
 * freed in one call. Nothing here returns NULL: running out of memory ends the program with one
 * sentence, because nothing useful can be said after it.
 */
struct arena {
	struct arena_block *last;
	size_t allocated; /* bytes taken from the system, for the memory figures of -v */
};

/* Zeroed memory, aligned for any object; lives until arena_free(). */
void *arena_alloc(struct arena *arena, size_t size);

/* Copies of text; NULL stays NULL. arena_print() formats as printf does. */
char *arena_copy(struct arena *arena, const char *text);
char *arena_copy_length(struct arena *arena, const char *text, size_t length);
char *arena_print(struct arena *arena, const char *format, ...) FORMAT_PRINTF(2, 3);

/* What lives in `other` lives in `arena` from now on; `other` is empty then. */
void arena_join(struct arena *arena, struct arena *other);

void arena_free(struct arena *arena);

/* realloc() and calloc() that never fail; the caller frees. */
void *memory_resize(void *old, size_t count, size_t size);
void *memory_zeroed(size_t count, size_t size);

/* Ends the program as if memory had run out: for sizes that no machine can have. */
void memory_exhausted(size_t wanted) __attribute__((noreturn));

/* The exit status of that end; 1 unless the command has said another. Set once, at the start. */
void memory_set_failure(int status);

/*
 * Makes room for one more element in a growing array: `items` and `capacity` are updated.
 * Doubling keeps the total cost linear.
 */
#define array_reserve(items, count, capacity)                                                 \
	((count) < (capacity) ?                                                               \
		 (void)0 :                                                                    \
		 (void)((capacity) = (capacity) ? 2 * (capacity) : 16,                        \
			(items) = memory_resize((items), (capacity), sizeof *(items))))
