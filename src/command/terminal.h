#pragma once

#include "view/view.h"

struct common_options;

/* How text is to be written on standard output: what the options say, else what the environment and
 * the terminal do (NO_COLOR, CLICOLOR_FORCE, COLUMNS, the locale's character set). */
struct view_style terminal_style(const struct common_options *common);
