#include "base/language.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"
#include "source/artefact/text/line.h"
#include "source/artefact/windows/event.h"
#include "source/artefact/windows/event_xml.h"

#include <string.h>

/*
 * What Event Viewer saves as XML: all events in one line, of any length. Where each event has lines of its own, the file is
 * text with events in it (event_text.c), and may have other things as well.
 */
enum { LOOKED_AT = 512 };

static size_t find(struct span text, const char *words)
{
	size_t length = strlen(words);

	for (size_t i = 0; i + length <= text.length; i++)
		if (!memcmp(text.text + i, words, length))
			return i;
	return text.length;
}

/* Events begin at once, and the line in which they do does not end where lines do. */
static bool is_document(const struct artefact_input *input)
{
	struct lines lines;
	struct span piece;
	size_t begin;
	bool is = false;

	lines_begin(&lines, input->bytes, input->size);
	if (lines_piece(&lines, &piece) && piece.length > LINE_MOST / 2) {
		begin = find((struct span){ piece.text, LOOKED_AT }, "<Event");
		is = *piece.text == '<' && begin < LOOKED_AT &&
		     !memchr(piece.text + begin, '\n', piece.length - begin);
	}
	lines_end(&lines);
	return is;
}

static void take_record(void *context, struct event_record *record)
{
	event_tally_take(context, record);
}

static int read_document(const struct artefact_input *input, struct dossier *dossier,
			 struct error *error)
{
	struct event_tally tally = { .dossier = dossier };
	struct event_xml xml = { .take = take_record, .context = &tally };
	struct lines lines;
	struct span piece;

	dossier_name_part(dossier, "event_document");
	lines_begin(&lines, input->bytes, input->size);
	lines.input = input;
	while (lines_piece(&lines, &piece))
		event_xml_feed(&xml, piece.text, piece.length);
	lines_end(&lines);
	event_xml_end(&xml);
	event_tally_end(&tally);
	if (xml.cut)
		dossier_note(dossier,
			     _("event %llu has no end; what there is of it was taken"),
			     (unsigned long long)xml.events);
	if (xml.events)
		return 0;
	return error_set(error, "%s",
			 _("it begins as events in XML do, but there is none in it"));
}

const struct artefact_kind artefact_event_document = {
	.name = "event_document",
	.is = is_document,
	.read = read_document,
};
