#include "source/artefact/windows/records.h"

#include "base/language.h"
#include "source/artefact/dossier.h"

const struct record_kind *records_kind_of(const struct record *record,
					  const struct prompt *prompt)
{
	for (const struct record_kind *const *kind = record_kinds; *kind; kind++)
		if ((*kind)->is(record, prompt))
			return *kind;
	return NULL;
}

void records_begin(struct records *records, struct dossier *dossier,
		   const struct record_kind *kind, const struct prompt *prompt,
		   const struct record *record)
{
	const bool by_byte = records->by_byte;

	records_end(records, dossier, false);
	*records = (struct records){ .kind = kind, .prompt = *prompt, .by_byte = by_byte };
	dossier_name_part(dossier, kind->name);
	if (kind->begin)
		kind->begin(records, dossier, record);
}

bool records_take(struct records *records, struct dossier *dossier,
		  const struct record *record)
{
	bool taken;

	dossier_name_part(dossier, records->kind->name);
	taken = records->kind->take(records, dossier, record);
	records->taken += taken;
	return taken;
}

void records_unread(struct records *records, uint64_t where)
{
	if (!records->unread++)
		records->first_unread = where;
}

static void tell_unread(const struct records *records, struct dossier *dossier)
{
	const unsigned long long unread = records->unread, first = records->first_unread;

	if (records->by_byte)
		dossier_note(dossier,
			     P_("%llu object was not understood: the one at byte %llu",
				"%llu objects were not understood: the first at byte %llu",
				unread),
			     unread, first);
	else
		dossier_note(dossier,
			     P_("%llu row was not understood: that in line %llu",
				"%llu rows were not understood: the first in line %llu",
				unread),
			     unread, first);
}

void records_end(struct records *records, struct dossier *dossier, bool is_last)
{
	if (!records->kind)
		return;
	dossier_name_part(dossier, records->kind->name);
	records->cut = records->cut && is_last;
	if (records->kind->end)
		records->kind->end(records, dossier);
	if (records->taken && records->kind->used_for) {
		dossier_count_records(dossier, records->taken);
		dossier_used_for(dossier, records->kind->used_for);
	}
	if (records->cut)
		dossier_note(dossier, _("it ends within a row; was the file cut off?"));
	else if (records->unread)
		tell_unread(records, dossier);
	if (records->assumed)
		dossier_note(dossier, "%s", records->assumed);
	records->kind = NULL;
}
