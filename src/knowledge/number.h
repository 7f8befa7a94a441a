#pragma once

#include "knowledge/topic.h"

struct lookup;

/*
 * Numbers that stand for errors: errno, Winsock codes, event numbers, NTSTATUS in full and its low 16
 * bits, HRESULTs, the errno of other systems.
 */
struct number {
	uint32_t value;
	bool negative, hexadecimal;
};

/* A number at the beginning of `text`: "99", "-99", "0x209", "c0000209". Its length, 0: none. */
size_t number_parse(const char *text, struct number *number);

/* Adds what it can mean. `kinds`: bits 1 << enum topic_kind of what may be meant; 0: anything. */
void number_look_up(struct lookup *lookup, const struct number *number, unsigned kinds);

/* A number alone or with what people write next to it: "errno 99", "[Errno 99]", "os error 99",
 * "event 4227", "Tcpip 4227". False where the text is more than that. */
bool number_look_up_text(struct lookup *lookup, const char *text);

/* The codes inside a longer text, as in "(99)", "(99: ", "errno=99", "error 10048", "0xC0000209". */
void number_look_up_inside(struct lookup *lookup, const char *text);
