#include "action/close.h"

const char *close_result_name(enum close_result result)
{
	static const char *const names[] = {
		[CLOSE_DONE] = "closed",
		[CLOSE_GONE] = "gone",
		[CLOSE_NOT_PERMITTED] = "not_permitted",
		[CLOSE_NOT_SUPPORTED] = "not_supported",
		[CLOSE_CANNOT] = "cannot",
		[CLOSE_FAILED] = "failed",
	};

	return names[result];
}

const char *close_ending_name(enum close_ending ending)
{
	static const char *const names[] = {
		[ENDING_DONE] = "ended",
		[ENDING_GONE] = "gone",
		[ENDING_NOT_PERMITTED] = "not_permitted",
		[ENDING_STILL_RUNS] = "still_runs",
		[ENDING_CANNOT_ASK] = "cannot_ask",
		[ENDING_MANY_SERVICES] = "many_services",
		[ENDING_FAILED] = "failed",
	};

	return names[ending];
}
