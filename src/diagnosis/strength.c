#include "diagnosis/strength.h"

#include "base/language.h"
#include "diagnosis/diagnosis.h"

#include <string.h>

const char *strength_name(enum strength strength)
{
	static const char *const names[] = {
		[STRENGTH_NONE] = "none",
		[STRENGTH_WEAK] = "weak",
		[STRENGTH_STRONG] = "strong",
		[STRENGTH_PROOF] = "proof",
	};

	return names[strength];
}

const char *strength_title(enum strength strength)
{
	static const char *const titles[] = {
		[STRENGTH_NONE] = N_("no evidence"),
		[STRENGTH_WEAK] = N_("weak evidence"),
		[STRENGTH_STRONG] = N_("strong evidence"),
		[STRENGTH_PROOF] = N_("proof"),
	};

	return titles[strength];
}

void strength_add_source(struct finding *finding, int64_t artefact)
{
	enum { MOST = sizeof finding->sources / sizeof finding->sources[0] };

	if (artefact < 0)
		return;
	for (size_t i = 0; i < finding->source_count; i++)
		if (finding->sources[i] == (uint32_t)artefact)
			return;
	if (finding->source_count < MOST)
		finding->sources[finding->source_count++] = (uint32_t)artefact;
}

/* Who told the range is not noted with it: whatever was read from netsh. */
static void add_ranges(const struct snapshot *snapshot, struct finding *finding)
{
	const struct evidence_facts *facts = &snapshot->evidence;

	for (size_t i = 0; i < facts->artefact_count; i++) {
		const struct artefact *artefact = &facts->artefacts[i];

		if (artefact->kind && !artefact->why_not && artefact->records &&
		    !strncmp(artefact->kind, "netsh", strlen("netsh")))
			strength_add_source(finding, (int64_t)i);
	}
}

void strength_add_listing(const struct diagnosis *diagnosis, struct finding *finding,
			  enum protocol protocol)
{
	const struct snapshot *snapshot = diagnosis->snapshot;

	strength_add_source(finding, (int64_t)snapshot->evidence.listing[protocol] - 1);
	if (snapshot->windows)
		add_ranges(snapshot, finding);
}

static enum strength strongest(const struct finding *findings, size_t count)
{
	enum strength strength = STRENGTH_NONE;

	for (size_t i = 0; i < count; i++)
		if (findings[i].strength > strength)
			strength = findings[i].strength;
	return strength;
}

/* The rules of Linux count what is listed, and know nothing of files. */
static void settle(const struct diagnosis *diagnosis, struct finding *finding)
{
	if (finding->source_count || finding->strength != STRENGTH_NONE)
		return;
	for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++)
		strength_add_listing(diagnosis, finding, protocol);
	if (finding->severity >= SEVERITY_WARNING)
		finding->strength = STRENGTH_STRONG;
}

static bool has_file(const struct evidence_facts *facts, const struct finding *finding,
		     size_t count, const char *file)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(facts->artefacts[finding->sources[i]].file, file))
			return true;
	return false;
}

/* A file may have several parts, and is named once. */
static void merge_parts(const struct evidence_facts *facts, struct finding *finding)
{
	size_t kept = 0;

	for (size_t i = 0; i < finding->source_count; i++)
		if (!has_file(facts, finding, kept,
			      facts->artefacts[finding->sources[i]].file))
			finding->sources[kept++] = finding->sources[i];
	finding->source_count = kept;
}

static void settle_all(const struct diagnosis *diagnosis, struct finding *findings,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!diagnosis->snapshot->windows)
			settle(diagnosis, &findings[i]);
		merge_parts(&diagnosis->snapshot->evidence, &findings[i]);
	}
}

void strength_settle(struct diagnosis *diagnosis)
{
	if (!diagnosis->snapshot->evidence.artefact_count)
		return;
	settle_all(diagnosis, diagnosis->findings, diagnosis->finding_count);
	settle_all(diagnosis, diagnosis->remarks, diagnosis->remark_count);
}

enum strength strength_of_all(const struct diagnosis *diagnosis)
{
	enum strength found = strongest(diagnosis->findings, diagnosis->finding_count);
	enum strength told = strongest(diagnosis->remarks, diagnosis->remark_count);

	return found > told ? found : told;
}
