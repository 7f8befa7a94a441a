#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024 };

struct arena_block {
	struct arena_block *before;
	size_t used, size;
	max_align_t bytes[];
};

static int failure_status = 1;

void memory_set_failure(int status)
{
	failure_status = status;
}

void memory_exhausted(size_t wanted)
{
	fprintf(stderr,
		"portroom: out of memory (%zu bytes more were needed); free some and try again\n",
		wanted);
	exit(failure_status);
}

void *memory_resize(void *old, size_t count, size_t size)
{
	void *memory;

	if (size && count > SIZE_MAX / size)
		memory_exhausted(SIZE_MAX);
	memory = realloc(old, count && size ? count * size : 1);
	if (!memory)
		memory_exhausted(count * size);
	return memory;
}

void *memory_zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		memory_exhausted(count * size);
	return memory;
}

static void add_block(struct arena *arena, size_t size)
{
	struct arena_block *block;

	if (size < BLOCK_SIZE)
		size = BLOCK_SIZE;
	block = memory_zeroed(1, sizeof *block + size);
	block->size = size;
	block->before = arena->last;
	arena->last = block;
	arena->allocated += sizeof *block + size;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t align = _Alignof(max_align_t);
	void *memory;

	if (size > SIZE_MAX / 2)
		memory_exhausted(size);
	size = (size + align - 1) / align * align;
	if (!arena->last || arena->last->size - arena->last->used < size)
		add_block(arena, size);
	memory = (char *)arena->last->bytes + arena->last->used;
	arena->last->used += size;
	return memory;
}

char *arena_copy_length(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *arena_copy(struct arena *arena, const char *text)
{
	return text ? arena_copy_length(arena, text, strlen(text)) : NULL;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *text;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		length = 0;
	text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

void arena_join(struct arena *arena, struct arena *other)
{
	struct arena_block *oldest = other->last;

	if (!oldest)
		return;
	while (oldest->before)
		oldest = oldest->before;
	/* Below the block that is being filled. */
	if (arena->last) {
		oldest->before = arena->last->before;
		arena->last->before = other->last;
	} else {
		arena->last = other->last;
	}
	arena->allocated += other->allocated;
	*other = (struct arena){ 0 };
}

void arena_free(struct arena *arena)
{
	struct arena_block *block = arena->last;

	while (block) {
		struct arena_block *before = block->before;

		free(block);
		block = before;
	}
	*arena = (struct arena){ 0 };
}
