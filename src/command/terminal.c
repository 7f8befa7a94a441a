#include "command/terminal.h"

#include "base/language.h"
#include "base/text.h"
#include "command/options.h"
#include "system/locale.h"
#include "system/stream.h"

#include <stdlib.h>
#include <string.h>

/* https://no-color.org and https://bixense.com/clicolors: the option decides before both. */
static bool wants_colour(const struct common_options *common)
{
	const char *none = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");

	if (common->colour_given)
		return common->colour;
	if (none && *none)
		return false;
	if (force && *force && strcmp(force, "0"))
		return true;
	return stream_has_colours(1);
}

/* COLUMNS, where somebody exported it, is a wish; else the terminal's own width. */
static unsigned columns(void)
{
	enum { WIDEST = 10000 };
	const char *wish = getenv("COLUMNS");
	uint64_t number;

	if (wish && text_to_number(wish, WIDEST, &number) && number)
		return (unsigned)number;
	return stream_width();
}

/* Who asks for Chinese has characters for it. */
static bool is_ascii(void)
{
	const char *const names[] = { locale_variable("LC_ALL"), locale_variable("LC_CTYPE"),
				      locale_variable("LANG") };

	if (strcmp(language_name(), "en"))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i] && *names[i])
			return !language_locale_is_utf8(names[i]);
	return true;
}

struct view_style terminal_style(const struct common_options *common)
{
	return (struct view_style){
		.out = stdout,
		.colour = wants_colour(common),
		.ascii = is_ascii(),
		.width = columns(),
		.verbose = common->verbose,
	};
}
