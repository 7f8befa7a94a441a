#pragma once

#include "suite.h"

#include "system/memory_file.h"
#include "view/view.h"

#include <stdio.h>

/*
 * What a view writes, held against a file of tests/golden. PORTROOM_GOLDEN=write makes the files
 * anew: read the difference before committing it.
 */
struct golden {
	struct memory_file file;
	FILE *out;	    /* of `file` */
	const char *folder; /* in tests/golden; "" for what has no screen */
	unsigned width;
};

/* `out` takes what the view writes. */
void golden_begin(struct golden *golden);

/*
 * The screens that a text is shown on: in a pipe (tests/golden/NAME), on a terminal of 80 columns
 * (80/NAME), and there in Chinese (zh_CN/NAME). Texts are made in the language of the moment: what is
 * shown must be made anew for each. The style that the view is to have is returned.
 */
enum golden_screen { SCREEN_PIPE, SCREEN_80, SCREEN_CHINESE, SCREEN_COUNT };

struct view_style golden_begin_screen(struct golden *golden, enum golden_screen screen);

/* Fails with both texts if they differ; ends the golden. */
void golden_end(struct golden *golden, const char *name);
