#include "source/evidence/event_log.h"

#include "base/arena.h"
#include "base/language.h"
#include "base/text.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/event.h"
#include "source/artefact/windows/event_xml.h"
#include "source/evidence/event_records.h"

#include <stdlib.h>

struct reading {
	struct event_xml xml;
	struct event_tally tally;
	struct dossier *dossier;
};

static void feed(void *context, const char *xml, size_t size)
{
	struct reading *reading = context;

	event_xml_feed(&reading->xml, xml, size);
}

static void take_record(void *context, struct event_record *record)
{
	struct reading *reading = context;

	event_tally_take(&reading->tally, record);
}

/* What the file says of itself belongs to the log of which most records are; a file has one. */
static void take_log(struct reading *reading)
{
	const struct event_xml_log *told = &reading->xml.log;
	const struct event_channel *most = NULL;
	struct logged_log *log;

	if (!told->is_told)
		return;
	for (size_t i = 0; i < reading->tally.count; i++)
		if (!most || reading->tally.channels[i].records > most->records)
			most = &reading->tally.channels[i];
	log = most ? &reading->dossier->snapshot->evidence.logs[most->log] :
		     dossier_add_log(reading->dossier, NULL);
	log->recovered = told->recovered;
	log->corrupted = told->corrupted || told->dirty;
	if (told->corrupted)
		dossier_note(
			reading->dossier, "%s",
			_("parts of the log are spoilt, as of one that was copied while it was "
			  "written; records may be missing"));
}

/* 0: it was read as far as possible; -1 with a sentence that says how it ended. */
static int read_records(struct reading *reading, const struct artefact_input *input, int fd,
			struct error *error)
{
	uint64_t unread = 0;
	char count[32];
	int result = event_records_read(input, fd, feed, reading, &unread, error);

	if (unread)
		dossier_note(reading->dossier, _("%s of its records could not be read"),
			     text_grouped(count, unread));
	if (!result)
		event_xml_end(&reading->xml);
	return result;
}

void event_log_read(const struct artefact_input *input, int fd, struct dossier *dossier)
{
	struct reading *reading = memory_zeroed(1, sizeof *reading);
	struct error error;
	int result;

	reading->dossier = reading->tally.dossier = dossier;
	reading->xml.take = take_record;
	reading->xml.context = reading;
	dossier_open(dossier, input->name, input->modified_ms);
	dossier_name_part(dossier, "evtx");
	result = read_records(reading, input, fd, &error);
	if (!result || reading->tally.records) {
		event_tally_end(&reading->tally);
		take_log(reading);
		dossier_used_for(dossier, N_("events"));
	}
	if (result && reading->tally.records)
		dossier_note(dossier, _("it was read up to record %llu: %s"),
			     (unsigned long long)reading->xml.record.number, error.text);
	else if (result)
		dossier_refuse(dossier, error.text);
	else if (input->cut)
		dossier_note(dossier, "%s", input->cut);
	dossier_close(dossier);
	free(reading);
}
