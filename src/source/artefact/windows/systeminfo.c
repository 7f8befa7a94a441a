#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/told_setting.h"
#include "source/artefact/text/text_format.h"

#include <string.h>

/*
 * What names the machine and its build:
 *
 *     Host Name:                 WEB01                              systeminfo, translated
 *     OS Name:                   Microsoft Windows Server 2019 Standard
 *     OS Version:                10.0.17763 N/A Build 17763
 *
 *     Microsoft Windows [Version 10.0.17763.1]                      ver, and the first line of cmd.exe
 *
 *     C:\>hostname
 *     WEB01
 */
struct systeminfo {
	uint64_t facts;
};

/* The third of "10.0.17763", which begins at `at`. */
static bool read_build(struct span text, size_t at, uint64_t *build)
{
	struct span digits;
	unsigned dots = 0;

	for (; at < text.length && dots < 2; at++) {
		if (text.text[at] == '.')
			dots++;
		else if (text.text[at] < '0' || text.text[at] > '9')
			return false;
	}
	digits = (struct span){ text.text + at, 0 };
	while (at < text.length && text.text[at] >= '0' && text.text[at] <= '9') {
		digits.length++;
		at++;
	}
	return dots == 2 && span_number(digits, 999999, build);
}

static struct span behind_colon(struct span text)
{
	const char *colon = text.length ? memchr(text.text, ':', text.length) : NULL;
	struct line rest = { .text = text.text };

	if (colon) {
		rest.text = colon + 1;
		rest.length = text.length - (size_t)(colon + 1 - text.text);
	}
	return line_trimmed(&rest);
}

static struct span before(const struct text_context *context, int at)
{
	return (struct span){ context->before[at], strlen(context->before[at]) };
}

/* The build stands twice in the line, whatever the words between. */
static bool take_systeminfo(struct dossier *dossier, const struct text_context *context,
			    const struct line *line)
{
	struct span text = behind_colon(line_trimmed(line)), fields[12], host;
	const struct line value = { .text = text.text, .length = text.length };
	size_t count = line_fields(&value, fields, 12);
	uint64_t build, again;

	if (count < 2 || !read_build(text, 0, &build) ||
	    !span_number(fields[count - 1], 999999, &again) || again != build ||
	    !span_has(before(context, 0), "Windows"))
		return false;
	host = behind_colon(before(context, 1));
	told_setting_build(dossier, build);
	told_setting_host(dossier, host);
	return true;
}

static bool take_ver(struct dossier *dossier, const struct line *line)
{
	const struct span text = line_trimmed(line);
	const char *bracket;
	uint64_t build;

	if (!line_begins(line, "Microsoft Windows "))
		return false;
	bracket = memchr(text.text, '[', text.length);
	if (!bracket || text.text[text.length - 1] != ']')
		return false;
	for (size_t at = (size_t)(bracket - text.text) + 1; at < text.length; at++)
		if ((text.text[at - 1] == ' ' || text.text[at - 1] == '[') &&
		    read_build(text, at, &build)) {
			told_setting_build(dossier, build);
			return true;
		}
	return false;
}

/* "C:\>hostname" */
static bool take_hostname(struct dossier *dossier, const struct text_context *context,
			  const struct line *line)
{
	static const char command[] = "hostname";
	struct span text = before(context, 0), fields[2];
	const char *prompt = text.length ? memchr(text.text, '>', text.length) : NULL;
	struct line rest = { .text = prompt };

	if (!prompt || line_fields(line, fields, 2) != 1)
		return false;
	rest.text++;
	rest.length = text.length - (size_t)(rest.text - text.text);
	if (!span_is_like(line_trimmed(&rest), command) &&
	    !span_is_like(line_trimmed(&rest), "hostname.exe"))
		return false;
	told_setting_host(dossier, fields[0]);
	return true;
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct systeminfo *state = opaque;

	if (line_is_blank(line) ||
	    (!take_ver(dossier, line) && !take_systeminfo(dossier, context, line) &&
	     !take_hostname(dossier, context, line)))
		return false;
	state->facts++;
	return true;
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct systeminfo *state = opaque;

	(void)is_last;
	dossier_count_records(dossier, state->facts);
	dossier_used_for(dossier, N_("the machine"));
}

const struct text_format text_format_systeminfo = {
	.name = "systeminfo",
	.state_size = sizeof(struct systeminfo),
	.take = take,
	.end = end,
};
