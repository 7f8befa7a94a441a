#pragma once

#include "knowledge/lookup.h"
#include "knowledge/topic.h"

#include <stdio.h>

struct rule;
struct sysctl_review;
struct view_style;

/* What was found out about one line, or about all that was asked. */
struct explain_answer {
	unsigned
		line; /* of a file or standard input, from 1; 0: the words of the command line */
	const char *text;
	struct lookup lookup;
};

/* Exactly one of answers, rule and review is given; none: tell what can be explained. */
struct explanation {
	const char *input; /* words, name of the file or "-"; NULL: none */
	const struct explain_answer *answers;
	size_t answer_count;
	const struct rule *rule;
	const struct sysctl_review *review;
	enum topic_reader reader; /* in whose words topics are told */
};

void explain_text(const struct explanation *explanation, const struct view_style *style);
void explain_json(const struct explanation *explanation, FILE *out);

/* A page in Markdown, as the rules have them: headings, paragraphs, lists, commands. */
void explain_page(const char *page, const struct view_style *style);
