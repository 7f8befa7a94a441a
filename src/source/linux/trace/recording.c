#include "source/recording.h"

#include "base/language.h"

#include <stddef.h>

bool recording_is_possible(void)
{
	return false;
}

struct recording *recording_start(const char *path, unsigned most_mib, struct error *error)
{
	(void)most_mib;
	error_set(error, _("'%s': only Windows writes event traces (.etl)"), path);
	return NULL;
}

int recording_wait(struct recording *recording, int timeout_ms, const struct ending *ending,
		   struct error *error)
{
	(void)recording;
	(void)timeout_ms;
	(void)ending;
	(void)error;
	return -1;
}

int recording_stop(struct recording *recording, struct recording_sum *sum, struct error *error)
{
	(void)recording;
	(void)sum;
	(void)error;
	return -1;
}
