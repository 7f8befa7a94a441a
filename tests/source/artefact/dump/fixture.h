#pragma once

#include "../windows/told.h"

/* A file of fixtures/evidence/dump/, which tests/evidence/dump.py has made. */
struct fixture {
	uint8_t bytes[1 << 16];
	size_t size;
};

void fixture_load(struct fixture *fixture, const char *name);

/* Begins, and reads it as it is by now. */
void fixture_tell(const struct fixture *fixture, struct told *told);

void fixture_put(struct fixture *fixture, size_t at, uint32_t number);
uint32_t fixture_get(const struct fixture *fixture, size_t at);
