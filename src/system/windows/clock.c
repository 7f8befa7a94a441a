#include "system/clock.h"

#include "base/filetime.h"

#include <time.h>
#include <windows.h>

int64_t clock_now_ms(void)
{
	FILETIME time;

	GetSystemTimeAsFileTime(&time);
	return filetime_to_unix_ms(filetime_join(time.dwHighDateTime, time.dwLowDateTime));
}

double clock_monotonic_s(void)
{
	LARGE_INTEGER count, per_second;

	QueryPerformanceFrequency(&per_second); /* never fails since Windows XP */
	QueryPerformanceCounter(&count);
	return (double)count.QuadPart / (double)per_second.QuadPart;
}

int64_t clock_monotonic_ms(void)
{
	return (int64_t)GetTickCount64();
}

/* It "includes time the system spends in sleep or hibernation" (learn.microsoft.com, "Windows Time"). */
int64_t clock_boot_ms(void)
{
	return (int64_t)GetTickCount64();
}

void clock_rest_ms(uint64_t milliseconds)
{
	int64_t until = clock_monotonic_ms() + (int64_t)milliseconds, left;

	while ((left = until - clock_monotonic_ms()) > 0)
		Sleep(left < 3600 * 1000 ? (DWORD)left : 3600 * 1000);
}

int clock_utc_offset_s(int64_t time_ms)
{
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm local = { 0 };

	if (localtime_s(&local, &seconds))
		return 0;
	return (int)(_mkgmtime(&local) - seconds);
}

int64_t clock_of_utc(struct tm *fields)
{
	return (int64_t)_mkgmtime(fields);
}
