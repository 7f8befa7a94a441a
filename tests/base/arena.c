#include "base/arena.h"

#include "portable/child.h"
#include "suite.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_filled_with(const unsigned char *bytes, size_t size, unsigned char value)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

TEST(memory_is_zeroed_and_aligned_for_any_object)
{
	struct arena arena = { 0 };

	for (size_t size = 1; size < 3000; size += 7) {
		unsigned char *memory = arena_alloc(&arena, size);

		assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
		assert_true(is_filled_with(memory, size, 0));
		memset(memory, 0xa5, size);
	}
	arena_free(&arena);
}

TEST(two_pieces_never_overlap)
{
	enum { PIECES = 2000 };
	struct arena arena = { 0 };
	unsigned char *pieces[PIECES];

	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = arena_alloc(&arena, i % 300 + 1);
		memset(pieces[i], (int)(i % 251), i % 300 + 1);
	}
	for (size_t i = 0; i < PIECES; i++)
		assert_true(is_filled_with(pieces[i], i % 300 + 1, (unsigned char)(i % 251)));
	arena_free(&arena);
}

TEST(a_piece_may_be_larger_than_a_block)
{
	enum { LARGE = 1 << 20 };
	struct arena arena = { 0 };
	unsigned char *small = arena_alloc(&arena, 8), *large = arena_alloc(&arena, LARGE),
		      *last;

	memset(small, 1, 8);
	memset(large, 2, LARGE);
	last = arena_alloc(&arena, 8);
	memset(last, 3, 8);
	assert_true(is_filled_with(small, 8, 1));
	assert_true(is_filled_with(large, LARGE, 2));
	assert_true(arena.allocated >= LARGE);
	arena_free(&arena);
}

TEST(a_copy_of_nothing_is_nothing)
{
	struct arena arena = { 0 };

	assert_null(arena_copy(&arena, NULL));
	assert_string_equal(arena_copy(&arena, ""), "");
	arena_free(&arena);
}

TEST(a_copy_outlives_what_it_was_copied_from)
{
	struct arena arena = { 0 };
	char text[] = "nginx: worker";
	const char *whole = arena_copy(&arena, text),
		   *part = arena_copy_length(&arena, text, 5);

	memset(text, 'x', sizeof text - 1);
	assert_string_equal(whole, "nginx: worker");
	assert_string_equal(part, "nginx");
	arena_free(&arena);
}

TEST(printed_text_has_any_length)
{
	struct arena arena = { 0 };
	const char *text = arena_print(&arena, "%d ports, %*s", 28232, 100000, "end");

	assert_int_equal(strlen(text), strlen("28232 ports, ") + 100000);
	assert_memory_equal(text, "28232 ports, ", 13);
	assert_string_equal(text + strlen(text) - 3, "end");
	arena_free(&arena);
}

TEST(a_freed_arena_is_empty_and_can_be_used_again)
{
	struct arena arena = { 0 };

	arena_alloc(&arena, 100000);
	arena_free(&arena);
	assert_null(arena.last);
	assert_int_equal(arena.allocated, 0);
	assert_string_equal(arena_copy(&arena, "again"), "again");
	arena_free(&arena);
}

TEST(an_array_keeps_its_elements_while_it_grows)
{
	unsigned *items = NULL;
	size_t count = 0, capacity = 0;

	for (unsigned i = 0; i < 1000; i++) {
		array_reserve(items, count, capacity);
		items[count++] = i;
		assert_true(capacity >= count);
	}
	assert_int_equal(capacity, 1024);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	free(items);
}

TEST(no_elements_are_still_memory)
{
	char *memory = memory_resize(NULL, 0, 8), *zeroed = memory_zeroed(0, 0);

	assert_non_null(memory);
	assert_non_null(zeroed);
	free(memory);
	free(zeroed);
}

static void ask_too_many_elements(void)
{
	memory_resize(NULL, SIZE_MAX / 2, 16);
}

static void ask_too_large_a_piece(void)
{
	arena_alloc(&(struct arena){ 0 }, SIZE_MAX - 4);
}

static void ask_directly(void)
{
	memory_exhausted(4096);
}

/* Exit status 1 and one sentence. */
static void assert_ends_program(void (*ask)(void))
{
	char said[512];

	assert_int_equal(child_run(ask, said, sizeof said), 1);
	assert_non_null(strstr(said, "portroom: out of memory"));
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

TEST(running_out_of_memory_ends_the_program_with_a_sentence)
{
	assert_ends_program(ask_directly);
}

TEST(a_size_that_overflows_counts_as_running_out)
{
	assert_ends_program(ask_too_many_elements);
	assert_ends_program(ask_too_large_a_piece);
}

SUITE(arena, cmocka_unit_test(memory_is_zeroed_and_aligned_for_any_object),
      cmocka_unit_test(two_pieces_never_overlap),
      cmocka_unit_test(a_piece_may_be_larger_than_a_block),
      cmocka_unit_test(a_copy_of_nothing_is_nothing),
      cmocka_unit_test(a_copy_outlives_what_it_was_copied_from),
      cmocka_unit_test(printed_text_has_any_length),
      cmocka_unit_test(a_freed_arena_is_empty_and_can_be_used_again),
      cmocka_unit_test(an_array_keeps_its_elements_while_it_grows),
      cmocka_unit_test(no_elements_are_still_memory),
      cmocka_unit_test(running_out_of_memory_ends_the_program_with_a_sentence),
      cmocka_unit_test(a_size_that_overflows_counts_as_running_out), );
