#include "action/probe.h"

const char *probe_outcome_name(enum probe_outcome outcome)
{
	static const char *const names[PROBE_OUTCOME_COUNT] = {
		[PROBE_CONNECTED] = "connected",
		[PROBE_SENT] = "sent",
		[PROBE_REFUSED] = "refused",
		[PROBE_RESET] = "reset",
		[PROBE_TIMED_OUT] = "timed_out",
		[PROBE_UNREACHABLE] = "unreachable",
		[PROBE_NO_NAME] = "no_name",
		[PROBE_NAME_FAILED] = "name_failed",
		[PROBE_NAME_TIMED_OUT] = "name_timed_out",
		[PROBE_NO_PORT] = "no_port",
		[PROBE_CLASH] = "clash",
		[PROBE_NO_DESCRIPTOR] = "no_descriptor",
		[PROBE_NO_MEMORY] = "no_memory",
		[PROBE_FORBIDDEN] = "forbidden",
		[PROBE_NOT_OURS] = "source_not_ours",
		[PROBE_FAILED] = "failed",
	};

	return names[outcome];
}
