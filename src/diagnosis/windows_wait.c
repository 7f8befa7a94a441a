#include "diagnosis/windows_wait.h"

#include "base/language.h"
#include "diagnosis/capacity_windows.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/words.h"

/* What Microsoft documents as the default: 240 s for Windows 2000 (cc938217), 120 s for Server 2003 (cc757512). */
enum { SHORT_S = 120, LONG_S = 240 };

static const char *rate(struct diagnosis *diagnosis, unsigned ports, int seconds)
{
	unsigned tenths = (unsigned)((uint64_t)ports * 10 / (unsigned)seconds);

	if (tenths >= 100)
		return words_count(diagnosis, tenths / 10);
	return arena_print(&diagnosis->arena, "%u.%u", tenths / 10, tenths % 10);
}

const char *windows_wait_rate(struct diagnosis *diagnosis, unsigned ports)
{
	int delay = diagnosis->snapshot->windows->timed_wait_delay_s;

	if (delay > 0)
		return arena_print(&diagnosis->arena,
				   _("%s last for %s connections/s to one destination "
				     "(TcpTimedWaitDelay %d s)"),
				   words_ports(diagnosis, ports),
				   rate(diagnosis, ports, delay), delay);
	return arena_print(
		&diagnosis->arena,
		_("%s last for %s connections/s to one destination if "
		  "TcpTimedWaitDelay is %d s, for %s if it is %d s: it was not told, "
		  "and both are documented as the default"),
		words_ports(diagnosis, ports), rate(diagnosis, ports, SHORT_S), SHORT_S,
		rate(diagnosis, ports, LONG_S), LONG_S);
}

unsigned windows_wait_ms(const struct diagnosis *diagnosis)
{
	int delay = diagnosis->snapshot->windows->timed_wait_delay_s;

	return 1000u * (unsigned)(delay > 0 ? delay : LONG_S);
}

unsigned windows_wait_ports(const struct diagnosis *diagnosis)
{
	return capacity_windows_use(diagnosis->namespaces[0].map, PROTOCOL_TCP, FAMILY_IPV4)
		.eligible;
}
