#include "source/linux/bpf/ring.h"

#include "suite.h"

#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * A file in memory for the map: a page for each counter, then the data, and what the kernel maps a second
 * time behind it.
 */
enum { SIZE = 4096 };

struct map {
	int file;
	size_t page;
	char *memory;
	struct bpf_ring ring;
};

static unsigned long *counter(const struct map *map, size_t page)
{
	return (unsigned long *)(void *)(map->memory + page * map->page);
}

static struct map map_new(unsigned long at)
{
	struct map map = { .file = memfd_create("ring", 0), .page = (size_t)getpagesize() };
	size_t size = 2 * map.page + 2 * SIZE;

	assert_true(map.file >= 0);
	assert_int_equal(ftruncate(map.file, (off_t)size), 0);
	map.memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map.file, 0);
	assert_ptr_not_equal(map.memory, MAP_FAILED);
	assert_int_equal(bpf_ring_open(&map.ring, map.file, SIZE), 0);
	*counter(&map, 0) = *counter(&map, 1) = at;
	return map;
}

static void map_free(struct map *map)
{
	bpf_ring_close(&map->ring);
	munmap(map->memory, 2 * map->page + 2 * SIZE);
	close(map->file);
}

/* As the kernel does: both copies of the data are one memory there. */
static void write_byte(const struct map *map, unsigned long at, char byte)
{
	char *data = map->memory + 2 * map->page;

	data[at % SIZE] = data[at % SIZE + SIZE] = byte;
}

static void put(const struct map *map, const char *text, uint32_t bits)
{
	uint32_t header[2] = { (uint32_t)strlen(text) | bits };
	unsigned long at = *counter(map, 1);

	for (size_t i = 0; i < sizeof header; i++)
		write_byte(map, at + i, ((const char *)header)[i]);
	for (size_t i = 0; text[i]; i++)
		write_byte(map, at + sizeof header + i, text[i]);
	*counter(map, 1) = at + (sizeof header + strlen(text) + 7) / 8 * 8;
}

struct taken {
	char text[256];
	unsigned most; /* records; 0: all */
};

static bool take(void *context, const void *record, size_t size)
{
	struct taken *taken = context;

	strncat(taken->text, record, size);
	strcat(taken->text, ".");
	return !taken->most || --taken->most;
}

TEST(records_come_in_order_and_once)
{
	struct map map = map_new(0);
	struct taken taken = { 0 };

	put(&map, "one", 0);
	put(&map, "of eight", 0);
	put(&map, "three and more", 0);
	bpf_ring_take(&map.ring, take, &taken);
	bpf_ring_take(&map.ring, take, &taken);
	assert_string_equal(taken.text, "one.of eight.three and more.");
	assert_int_equal(*counter(&map, 0), *counter(&map, 1));
	map_free(&map);
}

TEST(a_record_that_is_taken_back_is_passed_over)
{
	struct map map = map_new(0);
	struct taken taken = { 0 };

	put(&map, "one", BPF_RINGBUF_DISCARD_BIT);
	put(&map, "two", 0);
	bpf_ring_take(&map.ring, take, &taken);
	assert_string_equal(taken.text, "two.");
	map_free(&map);
}

TEST(nothing_behind_an_unfinished_record_is_read)
{
	struct map map = map_new(0);
	struct taken taken = { 0 };

	put(&map, "one", 0);
	put(&map, "two", BPF_RINGBUF_BUSY_BIT);
	put(&map, "three", 0);
	bpf_ring_take(&map.ring, take, &taken);
	assert_string_equal(taken.text, "one.");
	write_byte(&map, *counter(&map, 0) + 3,
		   0); /* it is finished: the bit is in the fourth */
	bpf_ring_take(&map.ring, take, &taken);
	assert_string_equal(taken.text, "one.two.three.");
	map_free(&map);
}

TEST(a_record_goes_on_at_the_beginning_and_counters_go_round)
{
	struct map map = map_new(-16ul);
	struct taken taken = { 0 };

	put(&map, "longer than what is left", 0);
	put(&map, "next", 0);
	bpf_ring_take(&map.ring, take, &taken);
	assert_string_equal(taken.text, "longer than what is left.next.");
	map_free(&map);
}

TEST(who_has_enough_gets_the_rest_later)
{
	struct map map = map_new(0);
	struct taken taken = { .most = 1 };

	put(&map, "one", 0);
	put(&map, "two", 0);
	bpf_ring_take(&map.ring, take, &taken);
	assert_string_equal(taken.text, "one.");
	bpf_ring_take(&map.ring, take, &taken);
	assert_string_equal(taken.text, "one.two.");
	map_free(&map);
}

SUITE(bpf_ring, cmocka_unit_test(records_come_in_order_and_once),
      cmocka_unit_test(a_record_that_is_taken_back_is_passed_over),
      cmocka_unit_test(nothing_behind_an_unfinished_record_is_read),
      cmocka_unit_test(a_record_goes_on_at_the_beginning_and_counters_go_round),
      cmocka_unit_test(who_has_enough_gets_the_rest_later));
