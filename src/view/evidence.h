#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct diagnosis;
struct json;
struct snapshot;
struct view_style;

struct arena;
struct evidence_facts;

/* The file's name without the folder that all of them have in common; in the arena. */
const char *evidence_file(const struct evidence_facts *facts, size_t artefact,
			  struct arena *arena);

/* Whether one of the others is of the same file: a text with listings and settings has several parts. */
bool evidence_file_is_among(const struct evidence_facts *facts, uint32_t artefact,
			    const uint32_t *others, size_t count);

/*
 * What an answer rests on: the files that somebody sent, as what each was recognised, what was taken from it and what was
 * not. Of a snapshot of portroom save, one line: view_text_origin(). Nothing of a live machine.
 */
void evidence_text(const struct snapshot *snapshot, const char *file,
		   const struct view_style *style);

/* The same in a line or two, beside an answer that is short itself; all of it with -v. */
void evidence_brief_text(const struct snapshot *snapshot, const char *file,
			 const struct view_style *style);

/* The key "evidence": null on a live machine that has no log to tell of. */
void evidence_json(struct json *json, const struct diagnosis *diagnosis);
