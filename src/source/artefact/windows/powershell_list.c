#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/records.h"

#include <stdlib.h>
#include <string.h>

/*
 * Format-List, and wmic's /format:list:
 *
 *     LocalAddress   : 172.18.0.8               ProcessId=812
 *     LocalPort      : 5847                     Name=svchost.exe
 *
 * A blank line ends an object, and so does a property that it already has. A blank stands before the colon, which tells these
 * lists from others. Of the properties those that somebody asks for are kept until the object is whole.
 */
enum { KEPT_TEXT = 8192, LONGEST_VALUE = 512, LONGEST_NAME = 64 };

struct kept {
	struct record record;
	char text[KEPT_TEXT];
	size_t used;
};

struct list {
	struct records records;
	struct prompt prompt;
	struct kept *kept; /* the object that is open has at least one */
	uint64_t first_line;
	char sign; /* ':' or '=' */
	uint64_t objects;
	bool known; /* one of the objects was of a known kind */
};

static const char *const properties[] = {
	"AppliedSetting",
	"AutoReusePortRangeNumberOfPorts",
	"AutoReusePortRangeStartPort",
	"BuildNumber",
	"Caption",
	"Count",
	"CSName",
	"CsDNSHostName",
	"DataBasePath",
	"DynamicPortRangeNumberOfPorts",
	"DynamicPortRangeStartPort",
	"Group",
	"HandleCount",
	"Handles",
	"Hostname",
	"Id",
	"LocalAddress",
	"LocalPort",
	"MaxUserPort",
	"Name",
	"OsBuildNumber",
	"OwningProcess",
	"ProcessId",
	"ProcessName",
	"PSComputerName",
	"RemoteAddress",
	"RemotePort",
	"SettingName",
	"StartMode",
	"State",
	"TcpTimedWaitDelay",
	"UserName",
	"Values",
	"Version",
	"WindowsVersion",
	"EntryType",
	"EventID",
	"InstanceId",
	"LogName",
	"Message",
	"ProviderName",
	"Source",
	"TimeCreated",
	"TimeGenerated",
	NULL,
};

static const char *find_property(struct span name)
{
	for (const char *const *property = properties; *property; property++)
		if (span_is_like(name, *property))
			return *property;
	return NULL;
}

/* ---- one line ---- */

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_()%#-", c));
}

/* "Name   : value" or "Name=value". */
static char split_pair(const struct line *line, struct span *name, struct span *value)
{
	size_t at = 0, sign;
	struct line rest;

	while (at < line->length && at < LONGEST_NAME && is_of_name(line->text[at]))
		at++;
	*name = (struct span){ line->text, at };
	for (sign = at; sign < line->length && line->text[sign] == ' ';)
		sign++;
	if (!at || sign == line->length)
		return '\0';
	if (line->text[sign] != (sign > at ? ':' : '='))
		return '\0';
	rest = (struct line){ .text = line->text + sign + 1,
			      .length = line->length - sign - 1 };
	*value = line_trimmed(&rest);
	return line->text[sign];
}

static void keep(struct kept *kept, const char *property, struct span value)
{
	char *text = kept->text + kept->used;

	if (value.length > LONGEST_VALUE)
		value.length = LONGEST_VALUE;
	if (value.length > KEPT_TEXT - kept->used)
		return;
	memcpy(text, value.text, value.length);
	kept->used += value.length;
	record_add(&kept->record, (struct span){ property, strlen(property) },
		   (struct span){ text, value.length });
}

/* ---- objects ---- */

static void finish(struct list *list, struct dossier *dossier)
{
	const struct record *record = &list->kept->record;
	const struct record_kind *kind;

	if (!record->count)
		return;
	list->objects++;
	kind = records_kind_of(record, &list->prompt);
	if (kind && kind != list->records.kind)
		records_begin(&list->records, dossier, kind, &list->prompt, record);
	list->known = list->known || kind;
	if (kind && !records_take(&list->records, dossier, record))
		records_unread(&list->records, list->first_line);
	list->kept->record.count = list->kept->used = 0;
}

static bool begins(struct list *list, const struct text_context *context, char sign,
		   const char *property)
{
	if (!sign || !property)
		return false;
	if (!list->kept) {
		list->kept = memory_zeroed(1, sizeof *list->kept);
		prompt_find(&list->prompt, context);
	}
	list->sign = sign;
	return true;
}

/* Behind an object: the next one, of another command perhaps. */
static bool take_first(struct list *list, const struct text_context *context,
		       const struct line *line)
{
	struct span name, value = { NULL, 0 };
	const char sign = split_pair(line, &name, &value), *const property =
								   sign ? find_property(name) :
									  NULL;

	if (!begins(list, context, sign, property))
		return false;
	list->first_line = line->number;
	keep(list->kept, property, value);
	return true;
}

static bool take_next(struct list *list, struct dossier *dossier,
		      const struct text_context *context, const struct line *line)
{
	struct span name, value;
	const char sign = split_pair(line, &name, &value);
	const char *property = sign == list->sign ? find_property(name) : NULL;

	if (sign == list->sign && !property)
		return true; /* nobody asks for it */
	if (!sign)
		return *line->text == ' '; /* a value goes on */
	if (!property)
		return false;
	if (record_has(&list->kept->record, property)) {
		finish(list, dossier);
		return take_first(list, context, line);
	}
	keep(list->kept, property, value);
	return true;
}

static bool take(void *opaque, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct list *list = opaque;

	if (!list->kept || !list->kept->record.count) {
		if (line_is_blank(line))
			return list->kept != NULL;
		return take_first(list, context, line);
	}
	if (line_is_blank(line)) {
		finish(list, dossier);
		return true;
	}
	if (take_next(list, dossier, context, line))
		return true;
	finish(list, dossier);
	return false;
}

static void end(void *opaque, struct dossier *dossier, bool is_last)
{
	struct list *list = opaque;

	/* The last object may lack what the file was cut off before. */
	if (list->kept)
		finish(list, dossier);
	records_end(&list->records, dossier, is_last);
	if (!list->known) {
		dossier_name_part(dossier, "PowerShell list");
		dossier_refuse(dossier,
			       _("its properties are of no ports, processes or settings"));
	}
	free(list->kept);
}

const struct text_format text_format_powershell_list = {
	.name = "PowerShell list",
	.names_parts = true,
	.state_size = sizeof(struct list),
	.take = take,
	.end = end,
};
