#include "source/evidence/content.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/saved/saved.h"
#include "source/evidence/container.h"
#include "source/evidence/event_log.h"
#include "source/evidence/input.h"
#include "source/evidence/proc_copy.h"
#include "source/evidence/saved_files.h"
#include "system/file.h"

void content_refuse(struct content *content, const char *name, const char *why)
{
	dossier_open(content->dossier, name, 0);
	dossier_refuse(content->dossier, why);
	dossier_close(content->dossier);
}

/* ---- containers ---- */

struct level {
	struct content *content;
	int depth;
};

static void read_at(struct content *content, const struct artefact_input *input, int fd,
		    int depth);

static void take_member(void *context, const struct artefact_input *member,
			const char *why_not)
{
	struct level *level = context;

	if (why_not)
		content_refuse(level->content, member->name, why_not);
	else
		read_at(level->content, member, -1, level->depth + 1);
}

static bool was_understood(const struct content *content, size_t artefacts, size_t saved)
{
	const struct evidence_facts *facts = &content->dossier->snapshot->evidence;

	for (size_t i = artefacts; i < facts->artefact_count; i++)
		if (!facts->artefacts[i].why_not)
			return true;
	return content->saved->count > saved;
}

/* Its files speak for themselves; of itself there is only to tell what was missing. */
static void read_archive(struct content *content, const struct artefact_input *input, int fd,
			 int depth)
{
	const size_t artefacts = content->dossier->snapshot->evidence.artefact_count,
		     saved = content->saved->count;
	const uint64_t members = content->budget.members;
	struct level level = { content, depth };
	struct error error;
	const char *why = NULL;

	if (depth > CONTENT_DEEPEST)
		why = _("archives are nested too deeply; unpack it and give the files");
	else if (unpack_read(&content->budget, input, fd, take_member, &level, &error))
		why = error.text;
	else if (input->cut)
		why = input->cut;
	else if (content->budget.members == members)
		why = _("there is no file in it");
	if (!why)
		return;
	if (!was_understood(content, artefacts, saved)) {
		content_refuse(content, input->name, why);
		return;
	}
	dossier_open(content->dossier, input->name, 0);
	dossier_name_part(content->dossier, "archive");
	dossier_note(content->dossier, "%s", why);
	dossier_close(content->dossier);
}

static void read_container(struct content *content, const struct artefact_input *input, int fd,
			   int depth, enum container container)
{
	struct error error;
	int own = fd < 0 ? evidence_descriptor(input, &error) : -1;

	if (fd < 0 && own < 0) {
		content_refuse(content, input->name, error.text);
		return;
	}
	if (container == CONTAINER_EVTX)
		event_log_read(input, fd < 0 ? own : fd, content->dossier);
	else
		read_archive(content, input, fd < 0 ? own : fd, depth);
	if (own >= 0)
		file_close(own);
}

/* ---- files ---- */

static void read_saved(struct content *content, const struct artefact_input *input)
{
	struct error error;

	if (saved_files_add(content->saved, input, &error))
		content_refuse(content, input->name, error.text);
}

static void read_at(struct content *content, const struct artefact_input *input, int fd,
		    int depth)
{
	enum container container = container_of_bytes(input->bytes, input->size);

	if (container != CONTAINER_NONE)
		read_container(content, input, fd, depth, container);
	else if (saved_is((const char *)input->bytes, input->size))
		read_saved(content, input);
	else if (!proc_copy_take_setting(content->dossier, input))
		artefact_read(input, content->dossier);
}

void content_read(struct content *content, const struct artefact_input *input, int fd)
{
	read_at(content, input, fd, 1);
}
