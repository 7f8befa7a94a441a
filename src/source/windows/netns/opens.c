#include <winsock2.h>

#include <iphlpapi.h>

#include "source/windows/netns/opens.h"

#include "system/windows/library.h"

/* dwActiveOpens counts transitions from CLOSED to SYN-SENT: a connect() that finds no port makes none
 * (learn.microsoft.com, MIB_TCPSTATS_LH). */
int64_t opens_read(void)
{
	ULONG(WINAPI * statistics)(MIB_TCPSTATS *, ULONG);
	static const ULONG families[] = { AF_INET, AF_INET6 };
	int64_t opens = -1;

	if (!library_find(statistics, "iphlpapi.dll", "GetTcpStatisticsEx"))
		return -1;
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
		MIB_TCPSTATS counted = { 0 };

		if (statistics(&counted, families[i]) == NO_ERROR)
			opens = (opens < 0 ? 0 : opens) + counted.dwActiveOpens;
	}
	return opens;
}
