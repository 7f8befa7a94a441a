#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Finds the elements of a growing array by their keys: the bytes that each begins with. A key has no
 * padding, or zeros in it. Zero-initialised is empty; index_free() returns the memory, the array is
 * the caller's.
 */
struct index {
	uint32_t *slots;
	size_t size;
};

/* The array that is looked in. */
struct indexed {
	const void *items;
	size_t count, item_size, key_size;
};

/*
 * Where the element with that key is. If there is none the answer is `count`, and the key is
 * taken to be there from now on: the caller appends such an element at once.
 */
size_t index_find_or_add(struct index *index, const struct indexed *array, const void *key);

/* The same, but one that is not there is not added. */
size_t index_find(const struct index *index, const struct indexed *array, const void *key);

void index_free(struct index *index);
