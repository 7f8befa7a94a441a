#pragma once

#include "source/artefact/text/line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dossier;

/*
 * One record of a Windows event log, however it was told.
 */
enum { EVENT_NAME_SIZE = 96, EVENT_RECORD_TEXT_SIZE = 512 };

struct event_record {
	bool has_id;
	uint32_t id;
	uint64_t number; /* of the record in its log; 0: not told */
	int64_t time_ms; /* 0: not known */
	bool time_is_local;
	bool recovered; /* of what was no longer in use */
	char provider[EVENT_NAME_SIZE], channel[EVENT_NAME_SIZE]; /* "": not told */
	char computer[EVENT_NAME_SIZE];				  /* "": not told */
	char cleared[EVENT_NAME_SIZE]; /* which log was, of events that say so */
	char text[EVENT_RECORD_TEXT_SIZE];
};

/* Into one of the texts: without control characters and blanks around it, cut between two characters. */
void event_set(char *to, size_t size, struct span text);
void event_append(char *to, size_t size, const char *between, struct span text);

/* "4227", or the whole code that Get-EventLog shows, 2147487875: the number is in its lower half. false: neither. */
bool event_set_id(struct event_record *record, struct span text);

/* By what name Windows knows those whose events are taken; NULL behind the last. */
const char *event_provider(size_t index);

/*
 * Events of one log or copy, on their way into the dossier: those that bear on ports are counted there, and of each channel
 * how many records there were and from when to when.
 */
enum { EVENT_CHANNELS = 64 };

struct event_tally {
	struct dossier *dossier;
	struct event_channel {
		char name[EVENT_NAME_SIZE];
		size_t log; /* index into snapshot->evidence.logs */
		uint64_t records, numbered, lowest, highest;
	} channels[EVENT_CHANNELS];
	size_t count, latest;
	uint64_t records;
	char computer[EVENT_NAME_SIZE]; /* as the latest record of its own log has it */
	int64_t computer_ms;
	bool has_utc; /* then times of an unknown zone are of no use */
};

void event_tally_take(struct event_tally *tally, struct event_record *record);

/* A channel of whose records most have been left out, or whose records have no numbers, is an excerpt. */
void event_tally_end(struct event_tally *tally);
