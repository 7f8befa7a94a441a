/*
 * Which kind of table (the first byte), and its bytes. Whether it has a row.
 */
#include "source/artefact/windows/mib_table.h"

#include "fuzz.h"

#include <stdlib.h>

int fuzz_one(const uint8_t *data, size_t size)
{
	struct dossier_socket row;
	struct mib_table table;
	uint8_t *bytes;
	int found;

	if (!size || data[0] >= MIB_TABLE_KINDS)
		return 0;
	/* In memory of its own, so that a sanitizer sees a step behind the end. */
	bytes = malloc(size - 1 ? size - 1 : 1);
	for (size_t i = 1; i < size; i++)
		bytes[i - 1] = data[i];
	found = mib_table_open(&table, data[0], bytes, size - 1) && table.count;
	for (size_t i = 0; found && i < table.count; i++)
		mib_table_row(&table, i, &row);
	free(bytes);
	return found;
}
