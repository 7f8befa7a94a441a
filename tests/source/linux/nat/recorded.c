#include "source/linux/nat/recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*callback_type)(const struct nlmsghdr *message, void *context);

void *recorded_read(const char *name, size_t *size)
{
	enum { LARGEST = 1 << 20 };
	char path[512];
	void *bytes = malloc(LARGEST);
	FILE *file;

	snprintf(path, sizeof path, FIXTURES "/netfilter/%s", name);
	file = fopen(path, "rb");
	assert_that(file && bytes, "%s cannot be read", path);
	*size = fread(bytes, 1, LARGEST, file);
	fclose(file);
	return bytes;
}

/* Of a message that was cut within its last word the kernel would have sent that word whole. */
static struct nlmsghdr *copy(const struct nlmsghdr *message, uint32_t length)
{
	struct nlmsghdr *copied = calloc(1, MNL_ALIGN(length));

	assert_non_null(copied);
	memcpy(copied, message, length);
	copied->nlmsg_len = length;
	return copied;
}

static void hand_over(const struct nlmsghdr *message, callback_type callback, void *context)
{
	struct nlmsghdr *alone = copy(message, message->nlmsg_len);

	callback(alone, context);
	free(alone);
}

size_t recorded_each(const char *name, callback_type callback, void *context)
{
	size_t size, count = 0;
	void *bytes = recorded_read(name, &size);
	const struct nlmsghdr *message = bytes;
	int left = (int)size;

	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left), count++)
		hand_over(message, callback, context);
	assert_int_equal(left, 0);
	free(bytes);
	return count;
}

struct spoiling {
	callback_type callback;
	void *context;
};

static void spoil(const struct nlmsghdr *message, void *context)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0xff };
	const struct spoiling *spoiling = context;

	for (uint32_t length = sizeof *message; length < message->nlmsg_len; length++) {
		struct nlmsghdr *cut = copy(message, length);

		spoiling->callback(cut, spoiling->context);
		free(cut);
	}
	for (uint32_t at = sizeof *message; at < message->nlmsg_len; at++)
		for (size_t i = 0; i < sizeof values; i++) {
			struct nlmsghdr *spoilt = copy(message, message->nlmsg_len);

			((uint8_t *)spoilt)[at] = values[i];
			spoiling->callback(spoilt, spoiling->context);
			free(spoilt);
		}
}

void recorded_each_spoilt(const char *name, callback_type callback, void *context)
{
	struct spoiling spoiling = { callback, context };

	assert_true(recorded_each(name, spoil, &spoiling) > 0);
}
