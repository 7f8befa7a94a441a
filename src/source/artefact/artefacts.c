#include "source/artefact/artefact.h"

#include "base/language.h"
#include "source/artefact/dossier.h"

/* One line for a new kind. */
/* clang-format off */
#define KINDS(kind) \
	kind(etl) \
	kind(minidump) \
	kind(windows_dump) \
	kind(trace_lines) \
	kind(watch_lines) \
	kind(powershell_json) \
	kind(event_document) \
	kind(text)
/* clang-format on */

#define DECLARE(name) extern const struct artefact_kind artefact_##name;
#define ADDRESS(name) &artefact_##name,

KINDS(DECLARE)

const struct artefact_kind *const artefact_kinds[] = { KINDS(ADDRESS) NULL };

static const struct artefact_kind *find_kind(const struct artefact_input *input)
{
	for (const struct artefact_kind *const *kind = artefact_kinds; *kind; kind++)
		if ((*kind)->is(input))
			return *kind;
	return NULL;
}

bool artefact_is_last(const struct artefact_input *input)
{
	const struct artefact_kind *kind = input->size ? find_kind(input) : NULL;

	return kind && kind->last;
}

static void tell_copy(struct dossier *dossier, const char *original)
{
	struct error error;

	error_set(&error, _("it is the same as %s, and counts once"), original);
	dossier_refuse(dossier, error.text);
}

void artefact_read(const struct artefact_input *input, struct dossier *dossier)
{
	const struct artefact_kind *kind = input->size ? find_kind(input) : NULL;
	const char *original;
	struct error error;

	dossier_open(dossier, input->name, input->modified_ms);
	original = input->size ? copies_find(&dossier->copies, input, dossier->file) : NULL;
	if (!input->size)
		dossier_refuse(dossier, _("the file is empty"));
	else if (original)
		tell_copy(dossier, original);
	else if (!kind)
		dossier_refuse(dossier, _("its first bytes are of no known kind of file"));
	else if (kind->read(input, dossier, &error))
		dossier_refuse(dossier, error.text);
	else if (input->cut)
		dossier_note(dossier, "%s", input->cut);
	dossier_close(dossier);
}
