#include "command/linux/range_boot.h"

#include "knowledge/sysctl_file.h"
#include "knowledge/sysctl_value.h"
#include "snapshot/port_set.h"
#include "source/boot_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char range_key[] = "net.ipv4.ip_local_port_range";
static const char reserved_key[] = "net.ipv4.ip_local_reserved_ports";

static void note_setter(struct range_boot *boot, const char *path,
			const struct sysctl_review *review, const char *key)
{
	const char *value = sysctl_last_value(review, key);

	if (!value)
		return;
	for (size_t i = 0; i < boot->setter_count; i++)
		if (!strcmp(boot->setters[i].key, key))
			boot->setters[i].wins = false;
	array_reserve(boot->setters, boot->setter_count, boot->setter_capacity);
	boot->setters[boot->setter_count++] = (struct range_setter){
		.path = path,
		.key = key,
		.value = arena_copy(&boot->arena, value),
		.wins = true,
	};
}

static void read_file(struct range_boot *boot, const struct boot_file *file)
{
	struct sysctl_review review = { 0 };

	if (!file->text) {
		array_reserve(boot->unread, boot->unread_count, boot->unread_capacity);
		boot->unread[boot->unread_count++] =
			arena_print(&boot->arena, "%s: %s", file->path, file->why);
		return;
	}
	sysctl_review_make(&review, file->text);
	note_setter(boot, file->path, &review, range_key);
	note_setter(boot, file->path, &review, reserved_key);
	sysctl_review_free(&review);
}

void range_boot_read(struct range_boot *boot)
{
	struct boot_file *files;
	size_t count;

	*boot = (struct range_boot){ 0 };
	boot_files_read(&boot->arena, &files, &count);
	for (size_t i = 0; i < count; i++)
		read_file(boot, &files[i]);
}

const char *range_boot_other(const struct range_boot *boot, const struct range_values *values)
{
	char range[32];

	snprintf(range, sizeof range, "%u %u", values->range.first, values->range.last);
	for (size_t i = 0; i < boot->setter_count; i++) {
		const struct range_setter *setter = &boot->setters[i];

		if (setter->wins &&
		    !(setter->key == range_key ?
			      sysctl_value_is_same(setter->value, range) :
			      port_set_same_list(setter->value, values->reserved)))
			return setter->path;
	}
	return NULL;
}

void range_boot_free(struct range_boot *boot)
{
	free(boot->setters);
	free(boot->unread);
	arena_free(&boot->arena);
}
