#include "source/evidence/unpack.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/evidence/helper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct helper_program program = {
	.name = "portroom-unpack",
	.package = "libarchive-dev",
	.option = "archive",
};

enum { FIRST_BYTES = 1 << 16 };

struct unpacking {
	struct unpack_budget *budget;
	const struct artefact_input *archive;
	unpack_member *take;
	void *context;
	struct artefact_input member;
	char *name;
	uint8_t *bytes;
	size_t size, capacity;
	bool is_cut;
};

/* "bundle.zip/dir/netstat.txt"; a file that was compressed alone has the name of what it is in. */
static char *join_name(const char *archive, const struct frame *frame)
{
	size_t size = strlen(archive) + 1 + frame->size + 1;
	char *name = memory_resize(NULL, size, 1);

	if (frame->size)
		snprintf(name, size, "%s/%.*s", archive, (int)frame->size,
			 (const char *)frame->bytes);
	else
		snprintf(name, size, "%s", archive);
	return name;
}

static void begin_member(struct unpacking *unpacking, const struct frame *frame)
{
	unpacking->name = join_name(unpacking->archive->name, frame);
	unpacking->size = 0;
	unpacking->is_cut = false;
	unpacking->member = (struct artefact_input){
		.name = unpacking->name,
		.modified_ms = frame->modified_ms ? frame->modified_ms :
			       frame->size	  ? 0 :
						    unpacking->archive->modified_ms,
	};
}

static void add_data(struct unpacking *unpacking, const struct frame *frame)
{
	size_t size = frame->size, room = UNPACK_MEMBER_BYTES_MOST - unpacking->size;

	unpacking->budget->bytes += size;
	if (size > room) {
		size = room;
		unpacking->is_cut = true;
	}
	while (unpacking->capacity - unpacking->size < size) {
		unpacking->capacity =
			unpacking->capacity ? 2 * unpacking->capacity : FIRST_BYTES;
		unpacking->bytes = memory_resize(unpacking->bytes, unpacking->capacity, 1);
	}
	memcpy(unpacking->bytes + unpacking->size, frame->bytes, size);
	unpacking->size += size;
}

/* What was the largest so far keeps no memory that the next does not need. */
static void give_back(struct unpacking *unpacking)
{
	enum { KEPT = 1 << 24 };

	if (unpacking->capacity <= KEPT)
		return;
	free(unpacking->bytes);
	unpacking->bytes = NULL;
	unpacking->capacity = 0;
}

static const char *tell_why(const struct frame *frame, struct error *error)
{
	const int length = (int)frame->size;
	const char *words = (const char *)frame->bytes;

	switch (frame->why) {
	case WHY_ENCRYPTED:
		error_set(error, "%s", _("it is encrypted; unpack it with its password"));
		break;
	case WHY_LINK:
		error_set(error, "%s", _("it is a link, which is not followed"));
		break;
	case WHY_NO_FILE:
		error_set(error, "%s", _("it is no regular file"));
		break;
	default:
		if (length)
			error_set(error, _("it is damaged or cut off (%.*s)"), length, words);
		else
			error_set(error, "%s", _("it is damaged or cut off"));
	}
	return error->text;
}

/* `why` NULL: all of it has come. */
static void end_member(struct unpacking *unpacking, const char *why)
{
	struct artefact_input *member = &unpacking->member;

	member->bytes = unpacking->bytes;
	member->size = unpacking->size;
	member->cut = unpacking->is_cut ? _("it has more than 512 MiB, and the rest was not "
					    "read; unpack it and give the file") :
					  why;
	unpacking->take(unpacking->context, member, member->size || !why ? NULL : why);
	free(unpacking->name);
	unpacking->name = NULL;
	give_back(unpacking);
}

static int check_budget(const struct unpack_budget *budget, struct error *error)
{
	if (budget->members > UNPACK_MEMBERS_MOST)
		return error_set(
			error, _("there are more than %d files in it; the rest was not read"),
			UNPACK_MEMBERS_MOST);
	if (budget->bytes > UNPACK_BYTES_MOST)
		return error_set(error, "%s",
				 _("unpacked it is larger than 4 GiB; the rest was not read"));
	return 0;
}

/* 0: it goes on; 1: that was all; -1 with a sentence */
static int take_frame(struct unpacking *unpacking, const struct frame *frame,
		      struct error *error)
{
	struct error why;

	switch (frame->kind) {
	case FRAME_MEMBER:
		unpacking->budget->members++;
		begin_member(unpacking, frame);
		break;
	case FRAME_DATA:
		add_data(unpacking, frame);
		break;
	case FRAME_END:
		end_member(unpacking,
			   frame->why == WHY_NOTHING ? NULL : tell_why(frame, &why));
		break;
	case FRAME_WHOLE:
		if (frame->why == WHY_NOTHING)
			return 1;
		tell_why(frame, error);
		return -1;
	}
	return check_budget(unpacking->budget, error);
}

static int read_frames(struct unpacking *unpacking, struct helper *helper, struct error *error)
{
	struct frame frame;
	int result;

	do {
		result = helper_next(helper, &frame, error);
		if (result > 0)
			result = take_frame(unpacking, &frame, error) ?: 2;
	} while (result == 2);
	if (unpacking->name) /* it ended in the middle of a file */
		end_member(unpacking, error->text);
	return result < 0 ? -1 : 0;
}

int unpack_read(struct unpack_budget *budget, const struct artefact_input *archive, int fd,
		unpack_member *take, void *context, struct error *error)
{
	struct unpacking unpacking = {
		.budget = budget,
		.archive = archive,
		.take = take,
		.context = context,
	};
	struct helper *helper;
	char path[4096];
	int result;

	if (helper_find(&program, path, sizeof path, error))
		return -1;
	helper = memory_zeroed(1, sizeof *helper);
	result = helper_start(helper, &program, path, fd, &helper_usual_limits, error);
	if (!result) {
		result = read_frames(&unpacking, helper, error);
		helper_end(helper);
	}
	free(helper);
	free(unpacking.bytes);
	return result;
}
