#include "base/arena.h"
#include "base/index.h"

#include "suite.h"

#include <stdlib.h>

struct item {
	uint64_t key;
	unsigned value;
};

struct items {
	struct item *array;
	size_t count, capacity;
	struct index index;
};

static struct indexed look(const struct items *items)
{
	return (struct indexed){ items->array, items->count, sizeof *items->array,
				 sizeof items->array->key };
}

/* As every user does it. */
static struct item *find_or_add(struct items *items, uint64_t key)
{
	const struct indexed array = look(items);
	size_t at = index_find_or_add(&items->index, &array, &key);

	if (at < items->count)
		return &items->array[at];
	array_reserve(items->array, items->count, items->capacity);
	items->array[at] = (struct item){ .key = key };
	return &items->array[items->count++];
}

static void end(struct items *items)
{
	free(items->array);
	index_free(&items->index);
}

TEST(every_key_is_one_element_however_many_there_are)
{
	enum { MANY = 5000, ROUNDS = 3, APART = 8192 };
	struct items items = { 0 };

	for (unsigned round = 0; round < ROUNDS; round++)
		for (uint64_t key = 0; key < MANY; key++)
			find_or_add(&items, key * APART)->value++;
	assert_int_equal(items.count, MANY);
	for (uint64_t key = 0; key < MANY; key++) {
		const struct indexed array = look(&items);
		const uint64_t wanted = key * APART;

		assert_int_equal(index_find(&items.index, &array, &wanted), key);
		assert_int_equal(items.array[key].value, ROUNDS);
	}
	end(&items);
}

TEST(what_is_only_looked_for_is_not_added)
{
	struct items items = { 0 };
	struct indexed array = look(&items);
	uint64_t key = 7;

	assert_int_equal(index_find(&items.index, &array, &key), 0);
	find_or_add(&items, 1);
	array = look(&items);
	assert_int_equal(index_find(&items.index, &array, &key), 1);
	assert_int_equal(index_find(&items.index, &array, &key), 1);
	assert_int_equal(items.count, 1);
	end(&items);
}

SUITE(index, cmocka_unit_test(every_key_is_one_element_however_many_there_are),
      cmocka_unit_test(what_is_only_looked_for_is_not_added), );
