#include "source/evidence/event_records.h"

#include "base/language.h"

int event_records_read(const struct artefact_input *input, int fd,
		       void (*feed)(void *context, const char *xml, size_t size),
		       void *context, uint64_t *unread, struct error *error)
{
	(void)input;
	(void)fd;
	(void)feed;
	(void)context;
	(void)unread;
	return error_set(error, "%s", _("the event log of Windows is not available"));
}
