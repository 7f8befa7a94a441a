#include "fixture.h"

#include <stdio.h>
#include <string.h>

void fixture_load(struct fixture *fixture, const char *name)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, FIXTURES "/evidence/dump/%s", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	fixture->size = fread(fixture->bytes, 1, sizeof fixture->bytes, file);
	fclose(file);
	assert_in_range(fixture->size, 1, sizeof fixture->bytes - 1);
}

void fixture_tell(const struct fixture *fixture, struct told *told)
{
	told_begin(told);
	told_file(told, fixture->bytes, fixture->size);
}

void fixture_put(struct fixture *fixture, size_t at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		fixture->bytes[at + (size_t)i] = (uint8_t)(number >> 8 * i);
}

uint32_t fixture_get(const struct fixture *fixture, size_t at)
{
	uint32_t number = 0;

	for (int i = 0; i < 4; i++)
		number |= (uint32_t)fixture->bytes[at + (size_t)i] << 8 * i;
	return number;
}
