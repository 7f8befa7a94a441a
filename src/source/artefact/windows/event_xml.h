#pragma once

#include "source/artefact/windows/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Events as Windows writes them in XML, one behind the other with or without an element around them: wevtutil, Event Viewer's
 * "copy" and "save", and portroom-evtx, which puts a Log before them. It is no reader of XML in general: what stands within
 * an Event is looked at by its names alone, and what is unknown is passed over.
 */
enum { EVENT_TAG_MOST = 2048, EVENT_TEXT_MOST = 1024 };

/* What portroom-evtx tells of the log as a whole; src/libexec/evtx.c. */
struct event_xml_log {
	bool is_told, corrupted, dirty;
	uint64_t records, recovered;
};

struct event_xml {
	void (*take)(void *context, struct event_record *record);
	void *context;

	/* the rest is the reader's; all zero at first */
	struct event_xml_log log;
	struct event_record record;
	uint64_t events, cut; /* cut: they had no end */
	bool in_event, in_tag;
	char quote; /* within an attribute's value */
	int section, element;
	char tag[EVENT_TAG_MOST], text[EVENT_TEXT_MOST];
	size_t tag_length, text_length;
};

/* In pieces of any size. */
void event_xml_feed(struct event_xml *xml, const char *bytes, size_t size);

/* There is no more: an event that is open is taken as far as it goes. */
void event_xml_end(struct event_xml *xml);
