#include "source/artefact/windows/netsh_output.h"

#include "base/error.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/text/text_format.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * A file of a console has the command before its output, and so has this: the forms take from there what the output leaves
 * out, and the translations: the family, the protocol, that it is a list of excluded ports.
 */
struct reading {
	struct snapshot snapshot;
	struct dossier dossier;
};

static void read_lines(struct reading *reading, const struct text_format *format,
		       const char *command, const void *bytes, size_t size)
{
	void *state = memory_zeroed(1, format->state_size);
	struct text_context context = { .modified_ms = 0 };
	struct lines lines;
	struct line line;

	snprintf(context.before[0], sizeof context.before[0], "%s", command);
	lines_begin(&lines, bytes, size);
	while (lines_next(&lines, &line))
		if (!format->take(state, &reading->dossier, &context, &line) &&
		    !line_is_blank(&line))
			text_context_remember(&context, &line);
	format->end(state, &reading->dossier, true);
	lines_end(&lines);
	free(state);
}

static void begin(struct reading *reading, const struct text_format *format,
		  const char *command, const void *bytes, size_t size)
{
	*reading = (struct reading){ .dossier = { 0 } };
	dossier_init(&reading->dossier, &reading->snapshot);
	dossier_open(&reading->dossier, command, 0);
	dossier_name_part(&reading->dossier, format->name);
	read_lines(reading, format, command, bytes, size);
	dossier_close(&reading->dossier);
}

static void end(struct reading *reading)
{
	dossier_free(&reading->dossier);
	snapshot_free(&reading->snapshot);
}

/* What was passed over; NULL: nothing was. */
static const char *passed_over(const struct reading *reading)
{
	const struct evidence_facts *facts = &reading->snapshot.evidence;

	return facts->artefact_count ? facts->artefacts[0].partial : NULL;
}

/* NULL: nothing was told of it. */
static struct windows_range *row_of(struct reading *reading, enum protocol protocol,
				    uint8_t family)
{
	return reading->snapshot.windows ?
		       windows_range_of(reading->snapshot.windows, protocol, family) :
		       NULL;
}

static const char *command_of(char buffer[96], const char *what, enum protocol protocol,
			      uint8_t family)
{
	snprintf(buffer, 96, "netsh int %s show %s%s", family == FAMILY_IPV6 ? "ipv6" : "ipv4",
		 what, protocol_name(protocol));
	return buffer;
}

static int refuse(const struct reading *reading, const char *command, struct error *error)
{
	const char *why = passed_over(reading);

	return why ? error_set(error, "%s: %s", command, why) :
		     error_set(error, _("%s: it printed nothing that is known"), command);
}

int netsh_output_range(const void *bytes, size_t size, enum protocol protocol, uint8_t family,
		       struct port_range *range, struct error *error)
{
	extern const struct text_format text_format_dynamicport;
	char command[96];
	struct reading reading;
	const struct windows_range *row;
	int result = 0;

	command_of(command, "dynamicport ", protocol, family);
	begin(&reading, &text_format_dynamicport, command, bytes, size);
	row = row_of(&reading, protocol, family);
	if (row && port_range_known(row->range))
		*range = row->range;
	else
		result = refuse(&reading, command, error);
	end(&reading);
	return result;
}

int netsh_output_excluded(const void *bytes, size_t size, enum protocol protocol,
			  uint8_t family, struct windows_range *range, struct error *error)
{
	extern const struct text_format text_format_excludedportrange;
	char command[96];
	struct reading reading;
	struct windows_range *row;
	int result = 0;

	command_of(command, "excludedportrange protocol=", protocol, family);
	begin(&reading, &text_format_excludedportrange, command, bytes, size);
	row = row_of(&reading, protocol, family);
	if (row && row->excluded_known) {
		range->excluded = row->excluded;
		range->reserved_at_run = row->reserved_at_run;
		range->excluded_known = true;
		row->excluded = row->reserved_at_run = (struct port_set){ .count = 0 };
	} else {
		result = refuse(&reading, command, error);
	}
	end(&reading);
	return result;
}
