#include "base/filetime.h"

/* 369 years, 89 of them leap years. */
#define S_FROM_1601_TO_1970 (INT64_C(134774) * 24 * 60 * 60)
#define MS_FROM_1601_TO_1970 (S_FROM_1601_TO_1970 * 1000)

uint64_t filetime_join(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

int64_t filetime_to_unix_ms(uint64_t filetime)
{
	return (int64_t)(filetime / FILETIME_UNITS_PER_MS) - MS_FROM_1601_TO_1970;
}

int64_t filetime_to_unix_s(uint64_t filetime)
{
	return (int64_t)(filetime / FILETIME_UNITS_PER_S) - S_FROM_1601_TO_1970;
}

uint64_t filetime_from_unix_ms(int64_t time_ms)
{
	uint64_t filetime;

	if (time_ms <= -MS_FROM_1601_TO_1970)
		return 0;
	/* The sum has no sign: the largest time of all and 369 years are less than 2^64. */
	if (__builtin_mul_overflow((uint64_t)time_ms + (uint64_t)MS_FROM_1601_TO_1970,
				   (uint64_t)FILETIME_UNITS_PER_MS, &filetime))
		return UINT64_MAX;
	return filetime;
}
