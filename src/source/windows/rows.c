#include "source/windows/rows.h"

#include "base/arena.h"

#include <stdlib.h>

void rows_add(struct rows *rows, const struct dossier_socket *row)
{
	array_reserve(rows->items, rows->count, rows->capacity);
	rows->items[rows->count++] = *row;
}

void rows_free(struct rows *rows)
{
	free(rows->items);
	*rows = (struct rows){ NULL };
}
