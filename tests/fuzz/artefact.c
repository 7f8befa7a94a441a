/*
 * Files of any kind, as a stranger may have made them, given as one machine's and judged. Two form feeds are between two.
 */
#include "diagnosis/diagnosis.h"
#include "source/artefact/artefact.h"
#include "source/artefact/dossier.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_FILES = 8 };

static void read_file(const uint8_t *data, size_t size, struct dossier *dossier)
{
	/* Of its own size, so that a sanitizer sees a step behind the end. */
	uint8_t *exact = malloc(size ? size : 1);
	struct artefact_input input = { .name = "fuzz", .bytes = exact, .size = size };

	memcpy(exact, data, size);
	artefact_read(&input, dossier);
	free(exact);
}

/* NULL: there is none. */
static const uint8_t *find_end(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + 1 < size; i++)
		if (data[i] == '\f' && data[i + 1] == '\f')
			return data + i;
	return NULL;
}

static void read_files(const uint8_t *data, size_t size, struct dossier *dossier)
{
	for (size_t files = 1; files < MOST_FILES; files++) {
		const uint8_t *end = find_end(data, size);

		if (!end)
			break;
		read_file(data, (size_t)(end - data), dossier);
		size -= (size_t)(end - data) + 2;
		data = end + 2;
	}
	read_file(data, size, dossier);
}

static int was_taken(const struct evidence_facts *facts)
{
	for (size_t i = 0; i < facts->artefact_count; i++)
		if (!facts->artefacts[i].why_not)
			return 1;
	return 0;
}

int fuzz_one(const uint8_t *data, size_t size)
{
	struct snapshot snapshot = { 0 };
	struct diagnosis diagnosis;
	struct dossier dossier;
	int taken;

	dossier_init(&dossier, &snapshot);
	read_files(data, size, &dossier);
	taken = was_taken(&snapshot.evidence);
	if (taken) {
		dossier_join(&dossier);
		diagnosis_make(&diagnosis, &snapshot, &default_policy);
		diagnosis_free(&diagnosis);
	}
	dossier_free(&dossier);
	snapshot_free(&snapshot);
	return taken;
}
