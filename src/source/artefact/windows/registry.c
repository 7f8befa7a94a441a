#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/told_setting.h"
#include "source/artefact/text/text_format.h"

#include <string.h>

/*
 * reg query HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters, and a file of reg export:
 *
 *     HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters
 *         TcpTimedWaitDelay    REG_DWORD    0x1e
 *
 *     [HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters]
 *     "TcpTimedWaitDelay"=dword:0000001e
 */
struct registry {
	bool open, ours; /* a key is open, and it is that of TCP/IP */
	uint64_t values;
};

static bool ends_with(struct span text, const char *end)
{
	const size_t length = strlen(end);

	return text.length >= length &&
	       span_is_like((struct span){ text.text + text.length - length, length }, end);
}

static bool is_key(struct span text, bool *ours)
{
	if (text.length > 2 && text.text[0] == '[' && text.text[text.length - 1] == ']') {
		text.text++;
		text.length -= 2;
	}
	*ours = ends_with(text, "\\Services\\Tcpip\\Parameters");
	return text.length > 5 && !memcmp(text.text, "HKEY_", 5);
}

/* 0x1e, 30, dword:0000001e */
static bool read_number(struct span text, uint64_t *number)
{
	size_t prefix = span_has((struct span){ text.text, text.length < 2 ? 0 : 2 }, "0x") ?
				2 :
			text.length > 6 && !memcmp(text.text, "dword:", 6) ? 6 :
									     0;

	if (!prefix)
		return span_number(text, UINT32_MAX, number);
	*number = 0;
	if (text.length == prefix || text.length > prefix + 8)
		return false;
	for (size_t i = prefix; i < text.length; i++) {
		static const char digits[] = "0123456789abcdef";
		const char c = text.text[i] >= 'A' && text.text[i] <= 'F' ?
				       (char)(text.text[i] + 32) :
				       text.text[i];
		const char *digit = c ? strchr(digits, c) : NULL;

		if (!digit)
			return false;
		*number = *number * 16 + (uint64_t)(digit - digits);
	}
	return true;
}

static void take_value(struct registry *registry, struct dossier *dossier, struct span name,
		       struct span value)
{
	uint64_t number;

	if (span_is_like(name, "Hostname"))
		told_setting_host(dossier, value);
	else if (span_is_like(name, "TcpTimedWaitDelay") && read_number(value, &number))
		told_setting_delay(dossier, number);
	else if (span_is_like(name, "MaxUserPort") && read_number(value, &number))
		told_setting_max_user_port(dossier, number);
	else
		return;
	registry->values++;
}

static bool split_query(const struct line *line, struct span *name, struct span *value)
{
	struct span fields[3];

	if (*line->text != ' ' || line_fields(line, fields, 3) < 2 || fields[1].length < 5 ||
	    memcmp(fields[1].text, "REG_", 4))
		return false;
	*name = fields[0];
	*value = line_fields(line, fields, 3) == 3 ? fields[2] : (struct span){ "", 0 };
	return true;
}

static bool split_export(const struct line *line, struct span *name, struct span *value)
{
	const struct span text = line_trimmed(line);
	const char *end = text.length > 2 && text.text[0] == '"' ?
				  memchr(text.text + 1, '"', text.length - 1) :
				  NULL;
	size_t length;

	if (!end)
		return false;
	length = (size_t)(end - text.text) - 1;
	*name = (struct span){ text.text + 1, length };
	if (text.length < length + 3 || end[1] != '=')
		return false;
	*value = (struct span){ end + 2, text.length - length - 3 };
	if (value->length >= 2 && value->text[0] == '"') {
		value->text++;
		value->length -= 2;
	}
	return true;
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct registry *registry = opaque;
	struct span name, value;
	bool ours;

	(void)context;
	if (line_is_blank(line))
		return registry->open;
	if (is_key(line_trimmed(line), &ours)) {
		if (!ours && !registry->open)
			return false;
		registry->open = true;
		registry->ours = ours;
		return true;
	}
	if (!registry->open ||
	    (!split_query(line, &name, &value) && !split_export(line, &name, &value)))
		return false;
	if (registry->ours)
		take_value(registry, dossier, name, value);
	return true;
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct registry *registry = opaque;

	(void)is_last;
	dossier_speaks_for(dossier, FROM_WINDOWS);
	dossier_count_records(dossier, registry->values);
	if (registry->values)
		dossier_used_for(dossier, N_("settings"));
	else
		dossier_refuse(dossier,
			       _("TcpTimedWaitDelay and MaxUserPort are not set in it"));
}

const struct text_format text_format_registry = {
	.name = "Tcpip\\Parameters",
	.state_size = sizeof(struct registry),
	.take = take,
	.end = end,
};
