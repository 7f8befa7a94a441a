#pragma once

struct diagnosis;
struct json;
struct snapshot;
struct view_style;

/*
 * What an answer rests on: the files that somebody sent, as what each was recognised, what was taken from it and what was
 * not. Of a snapshot of portroom save, one line: view_text_origin().
 */
void evidence_text(const struct snapshot *snapshot, const char *file,
		   const struct view_style *style);

/* The key "evidence": null on a live machine. */
void evidence_json(struct json *json, const struct diagnosis *diagnosis);
