#pragma once

#include <stddef.h>
#include <stdint.h>

/* What is tried with bytes that may be anything; whether they were taken for something. */
int fuzz_one(const uint8_t *data, size_t size);
