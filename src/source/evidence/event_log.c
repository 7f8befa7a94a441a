#include "source/evidence/event_log.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/windows/event.h"
#include "source/artefact/windows/event_xml.h"
#include "source/evidence/helper.h"

#include <stdlib.h>

static const struct helper_program program = {
	.name = "portroom-evtx",
	.package = "libevtx-dev",
	.option = "evtx",
};

struct reading {
	struct helper helper;
	struct event_xml xml;
	struct event_tally tally;
	struct dossier *dossier;
};

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

static void take_end(struct reading *reading, const struct frame *frame)
{
	if (frame->why == WHY_NOT_OF_ALL)
		dossier_note(reading->dossier, _("%.*s of its records could not be read"),
			     (int)frame->size, (const char *)frame->bytes);
}

/* 0: it was read as far as possible; -1 with a sentence that says how it ended. */
static int read_frames(struct reading *reading, struct error *error)
{
	struct frame frame;
	int result;

	while ((result = helper_next(&reading->helper, &frame, error)) > 0) {
		if (frame.kind == FRAME_DATA)
			event_xml_feed(&reading->xml, (const char *)frame.bytes, frame.size);
		else if (frame.kind == FRAME_END)
			take_end(reading, &frame);
		else if (frame.kind == FRAME_WHOLE && frame.why != WHY_NOTHING)
			return error_set(
				error, "%s",
				_("its beginning is of an event log, the rest is not"));
	}
	event_xml_end(&reading->xml);
	return result;
}

static int read_log(struct reading *reading, int fd, struct error *error)
{
	char path[4096];
	int result;

	if (helper_find(&program, path, sizeof path, error) ||
	    helper_start(&reading->helper, &program, path, fd, &helper_usual_limits, error))
		return -1;
	result = read_frames(reading, error);
	helper_end(&reading->helper);
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
	result = read_log(reading, fd, &error);
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
