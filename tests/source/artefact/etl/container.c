#include "source/artefact/artefact.h"
#include "source/artefact/etl/container.h"
#include "source/artefact/etl/record.h"
#include "suite.h"

#include <string.h>

enum { BUFFER = 256 };

struct file {
	uint8_t bytes[8 * BUFFER];
	size_t size;
	size_t given_back;
};

static struct artefact_input input_of(const struct file *file)
{
	return (struct artefact_input){ .name = "x",
					.bytes = file->bytes,
					.size = file->size };
}

static void put(uint8_t *at, uint64_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)(number >> 8 * i);
}

/* With one record of 8 bytes. */
static void add(struct file *file, uint32_t size, uint16_t flags)
{
	uint8_t *at = file->bytes + file->size;

	memset(at, 0xff, size);
	memset(at, 0, 80);
	put(at, size, 4);
	put(at + 0x30, 80, 4);
	put(at + 0x34, flags, 2);
	put(at + 72, 8, 2);
	put(at + 74, 0xc077, 2);
	file->size += size;
}

static unsigned count(const struct file *file, enum etl_trouble trouble, size_t *passed_over)
{
	struct artefact_input input = input_of(file);
	struct etl_buffers buffers;
	struct etl_buffer buffer;
	unsigned found = 0;

	*passed_over = 0;
	etl_buffers_begin(&buffers, &input, 0, input.size);
	while (etl_buffers_next(&buffers, &buffer)) {
		found += buffer.trouble == trouble;
		*passed_over += buffer.passed_over;
	}
	*passed_over += buffers.passed_over;
	etl_buffers_end(&buffers);
	return found;
}

TEST(each_buffer_is_as_long_as_it_says_itself)
{
	struct file file = { 0 };
	size_t passed_over;

	add(&file, BUFFER, 0);
	add(&file, 80, 0);
	add(&file, 2 * BUFFER, 0);
	assert_int_equal(count(&file, ETL_FINE, &passed_over), 3);
	assert_int_equal(passed_over, 0);
}

TEST(a_buffer_that_the_file_ends_in_is_read_as_far_as_it_goes)
{
	struct file file = { 0 };
	size_t passed_over;

	add(&file, BUFFER, 0);
	add(&file, BUFFER, 0);
	file.size -= BUFFER - 76;
	assert_int_equal(count(&file, ETL_CUT, &passed_over), 1);
	file.size -= 5; /* less than a header */
	assert_int_equal(count(&file, ETL_CUT, &passed_over), 0);
	assert_int_equal(passed_over, 71);
}

TEST(where_the_chain_is_broken_it_is_found_again)
{
	struct file file = { 0 };
	size_t passed_over;

	add(&file, BUFFER, 0);
	memset(file.bytes + file.size, 0, 133);
	file.size += 133;
	add(&file, BUFFER, 0);
	add(&file, BUFFER, 0);
	assert_int_equal(count(&file, ETL_FINE, &passed_over), 3);
	assert_int_equal(passed_over, 133);
}

TEST(sizes_that_cannot_be_lead_nowhere)
{
	static const uint32_t sizes[] = { 0, 71, (16 << 20) + 1, 0x80000000, 0xffffffff };
	size_t passed_over;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct file file = { 0 };

		add(&file, BUFFER, 0);
		add(&file, BUFFER, 0);
		put(file.bytes, sizes[i], 4);
		assert_int_equal(count(&file, ETL_FINE, &passed_over), 1);
		assert_int_equal(passed_over, BUFFER);
		/* More used than there is is no better. */
		put(file.bytes, BUFFER, 4);
		put(file.bytes + 0x30, BUFFER + 1, 4);
		assert_int_equal(count(&file, ETL_FINE, &passed_over), 1);
	}
}

TEST(what_cannot_be_unpacked_is_known)
{
	struct file file = { 0 };
	size_t passed_over;

	add(&file, BUFFER, 0x40);
	put(file.bytes + 0x30, 1000, 4);
	put(file.bytes + 72, 0xffffffff, 4);
	assert_int_equal(count(&file, ETL_NOT_UNPACKED, &passed_over), 1);
}

TEST(a_buffer_says_whether_something_was_lost)
{
	static const uint16_t flags[] = { 0, 1, 2, 4, 0x20, 6 };
	static const bool lossy[] = { false, false, true, true, false, true };

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		struct file file = { 0 };
		struct artefact_input input;
		struct etl_buffers buffers;
		struct etl_buffer buffer;

		add(&file, BUFFER, flags[i]);
		input = input_of(&file);
		etl_buffers_begin(&buffers, &input, 0, input.size);
		assert_true(etl_buffers_next(&buffers, &buffer));
		assert_that(buffer.lossy == lossy[i], "flags %#x", flags[i]);
		etl_buffers_end(&buffers);
	}
}

static enum etl_step step(const uint8_t *bytes, size_t size, size_t *at)
{
	struct etl_records records = { bytes, size, 0 };
	struct etl_record record;
	enum etl_step step = etl_records_next(&records, &record);

	*at = records.at;
	return step;
}

/* At a multiple of eight; where the size stands goes by the type. */
TEST(records_follow_each_other)
{
	uint8_t bytes[96] = { 0 };
	size_t at;

	put(bytes, 83, 2);
	put(bytes + 2, 0xc013, 2);
	assert_int_equal(step(bytes, sizeof bytes, &at), ETL_RECORD);
	assert_int_equal(at, 88);
	put(bytes, 0, 2);
	put(bytes + 2, 0xc002, 2);
	put(bytes + 4, 32, 2);
	assert_int_equal(step(bytes, sizeof bytes, &at), ETL_RECORD);
	assert_int_equal(at, 32);
	put(bytes, 24, 2);
	put(bytes + 2, 0xc077, 2); /* no known type */
	assert_int_equal(step(bytes, sizeof bytes, &at), ETL_RECORD);
	assert_int_equal(at, 24);
	assert_int_equal(step(bytes, 7, &at), ETL_NO_MORE);
}

TEST(a_record_of_a_size_that_cannot_be_is_none)
{
	static const uint16_t sizes[] = { 0, 7, 79, 97, 0xffff };
	uint8_t bytes[96] = { 0 };
	size_t at;

	put(bytes + 2, 0xc013, 2);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		put(bytes, sizes[i], 2);
		assert_that(step(bytes, sizeof bytes, &at) == ETL_SPOILT, "%u", sizes[i]);
		assert_int_equal(at, 0);
	}
	put(bytes, 80, 2);
	put(bytes + 2, 0x4013, 2); /* no marker */
	assert_int_equal(step(bytes, sizeof bytes, &at), ETL_SPOILT);
}

SUITE(etl_container, cmocka_unit_test(each_buffer_is_as_long_as_it_says_itself),
      cmocka_unit_test(a_buffer_that_the_file_ends_in_is_read_as_far_as_it_goes),
      cmocka_unit_test(where_the_chain_is_broken_it_is_found_again),
      cmocka_unit_test(sizes_that_cannot_be_lead_nowhere),
      cmocka_unit_test(what_cannot_be_unpacked_is_known),
      cmocka_unit_test(a_buffer_says_whether_something_was_lost),
      cmocka_unit_test(records_follow_each_other),
      cmocka_unit_test(a_record_of_a_size_that_cannot_be_is_none));
