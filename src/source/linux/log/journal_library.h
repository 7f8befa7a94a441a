#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-journal.h>

/*
 * libsystemd, looked for when it is needed: the program starts where it is missing.
 */
struct journal_library {
	int (*open)(sd_journal **journal, int flags);
	int (*open_directory)(sd_journal **journal, const char *path, int flags);
	void (*close)(sd_journal *journal);
	int (*previous)(sd_journal *journal);
	int (*next)(sd_journal *journal);
	int (*seek_head)(sd_journal *journal);
	int (*seek_tail)(sd_journal *journal);
	int (*seek_cursor)(sd_journal *journal, const char *cursor);
	int (*get_cursor)(sd_journal *journal, char **cursor);
	int (*get_realtime_usec)(sd_journal *journal, uint64_t *microseconds);
	int (*get_data)(sd_journal *journal, const char *field, const void **data,
			size_t *length);
	int (*set_data_threshold)(sd_journal *journal, size_t size);
	int (*get_fd)(sd_journal *journal);
	int (*process)(sd_journal *journal);
};

/* NULL with a sentence that tells why not. It is never unloaded. */
const struct journal_library *journal_library_load(struct error *error);
