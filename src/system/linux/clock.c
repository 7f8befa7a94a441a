#define _DEFAULT_SOURCE /* timegm() */
#include "system/clock.h"

#include <errno.h>
#include <time.h>

static int64_t read_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}

double clock_monotonic_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void clock_rest_ms(uint64_t milliseconds)
{
	struct timespec left = { (time_t)(milliseconds / 1000),
				 (long)(milliseconds % 1000) * 1000000 };

	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

int clock_utc_offset_s(int64_t time_ms)
{
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm local;

	return localtime_r(&seconds, &local) ? (int)local.tm_gmtoff : 0;
}

int64_t clock_of_utc(struct tm *fields)
{
	return (int64_t)timegm(fields);
}
