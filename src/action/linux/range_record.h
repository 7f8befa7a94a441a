#pragma once

#include "action/linux/range.h"

#include <stdbool.h>

/*
 * The records of changes, a file for each network namespace: lines of "key value", in a folder that only root
 * writes to and that does not outlive a boot. A record is replaced by rename(), so that it is whole or not there.
 */

/* The folder, made if need be. `own` is the record's name in it. */
struct range_folder {
	int fd, lock; /* -1: not open */
	char own[64];
};

/* Waits for whoever is at it, but not for ever. -1 with a sentence. */
int range_folder_open(struct range_folder *folder, uint64_t inode, struct error *error);

/* Only if it is there already: 1, else 0; -1 with a sentence. Not locked. */
int range_folder_find(struct range_folder *folder, uint64_t inode, struct error *error);

void range_folder_close(struct range_folder *folder);

/* True once nobody else has the lock; false after a while. */
bool range_folder_lock(int lock);

/* 1, 0 if there is none or one of an earlier boot, or -1 with a sentence. One of an earlier boot is dropped if the folder is
 * locked. `name`: of the file. */
int range_record_read(const struct range_folder *folder, const char *name,
		      struct range_record *record, struct error *error);
int range_record_write(const struct range_folder *folder, const struct range_record *record,
		       struct error *error);
void range_record_drop(const struct range_folder *folder, const char *name);

/* A descriptor of the file as it is now; fstat() shows by st_nlink whether it was replaced. While it is open the
 * record counts as guarded. -1 with errno. */
int range_record_open(const struct range_folder *folder);
bool range_record_is_guarded(const struct range_folder *folder, const char *name);

/* Calls back with the name of every record. */
void range_record_each(const struct range_folder *folder,
		       void (*take)(void *context, const struct range_folder *folder,
				    const char *name),
		       void *context);

/* CLOCK_BOOTTIME in milliseconds. */
int64_t range_now_ms(void);
