#pragma once

#include "source/artefact/text/line.h"

#include <stddef.h>

/*
 * Text of XML, in its place: characters for the entities in it, those that XML has itself and those by number (XML 1.0,
 * sections 4.1 and 4.6). What is none stays as it is.
 */
struct span xml_text_decode(char *text, size_t length);
