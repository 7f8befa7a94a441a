#pragma once

struct dossier;
struct dossier_table;
struct line;
struct text_context;

/*
 * When a listing was made: what date(1) said just before it, in the default form of the C locale and of English ones, by
 * -I, %F %T or %s; else when the file was last written.
 */
void listing_time(struct dossier *dossier, struct dossier_table *table,
		  const struct text_context *context, const struct line *line);
