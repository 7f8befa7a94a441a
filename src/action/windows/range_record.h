#pragma once

#include "action/windows/range.h"

/*
 * The record of the last change: lines of "key value" in one file, in a folder that is the administrators' alone, for reading
 * too: nobody else can have a file of it open, and by that keep it from being replaced, removed or locked. It is replaced
 * by renaming, so that it is whole or not there.
 */
struct range_folder {
	const char *path;
	void *lock; /* NULL: not locked */
};

/* Made if need be, and locked: waits for whoever is at it, but not for ever. -1 with a sentence. */
int range_folder_open(struct range_folder *folder, const char *path, struct error *error);

/* Others could hinder what begins in it: -1 with a sentence. What has begun is not let down for that. */
int range_folder_refuse_open(const struct range_folder *folder, struct error *error);

/* The same at once or not at all: 1, 0 if somebody else is at it or there is no folder, -1 with a sentence. */
int range_folder_try(struct range_folder *folder, const char *path, struct error *error);

void range_folder_close(struct range_folder *folder);

/* Whether the folder is there, which everybody may see. */
bool range_folder_is_there(const char *path);

/* Whether somebody changes the range right now. */
bool range_folder_is_locked(const char *path);

/* 1, 0 if there is none or one of an earlier start of Windows, or -1 with a sentence. */
int range_record_read(const char *path, struct range_record *record, struct error *error);

/* Fills record->boot. -1 with a sentence. */
int range_record_write(const struct range_folder *folder, struct range_record *record,
		       struct error *error);
void range_record_drop(const struct range_folder *folder);

/* Whether there is a file of it at all. */
bool range_record_is_there(const char *path);

/* As long as the guard lives it has this file. NULL: another has it. */
void *range_record_guard(const char *path);
bool range_record_is_guarded(const char *path);

/* GetTickCount64() */
int64_t range_now_ms(void);
