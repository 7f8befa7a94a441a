#include "source/evidence/event_records.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/evidence/helper.h"

#include <stdlib.h>

static const struct helper_program program = {
	.name = "portroom-evtx",
	.package = "libevtx-dev",
	.option = "evtx",
};

/* How many records, in the words of the frame. */
static uint64_t number_in(const struct frame *frame)
{
	uint64_t number = 0;

	for (size_t i = 0; i < frame->size && frame->bytes[i] >= '0' && frame->bytes[i] <= '9';
	     i++)
		number = number * 10 + frame->bytes[i] - '0';
	return number;
}

static int read_frames(struct helper *helper,
		       void (*feed)(void *context, const char *xml, size_t size),
		       void *context, uint64_t *unread, struct error *error)
{
	struct frame frame;
	int result;

	while ((result = helper_next(helper, &frame, error)) > 0) {
		if (frame.kind == FRAME_DATA)
			feed(context, (const char *)frame.bytes, frame.size);
		else if (frame.kind == FRAME_END && frame.why == WHY_NOT_OF_ALL)
			*unread = number_in(&frame);
		else if (frame.kind == FRAME_WHOLE && frame.why != WHY_NOTHING)
			return error_set(
				error, "%s",
				_("its beginning is of an event log, the rest is not"));
	}
	return result;
}

int event_records_read(const struct artefact_input *input, int fd,
		       void (*feed)(void *context, const char *xml, size_t size),
		       void *context, uint64_t *unread, struct error *error)
{
	struct helper *helper = memory_zeroed(1, sizeof *helper);
	char path[4096];
	int result = -1;

	(void)input;
	if (!helper_find(&program, path, sizeof path, error) &&
	    !helper_start(helper, &program, path, fd, &helper_usual_limits, error)) {
		result = read_frames(helper, feed, context, unread, error);
		helper_end(helper);
	}
	free(helper);
	return result;
}
