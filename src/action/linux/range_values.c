#include "action/linux/range.h"

#include <stdlib.h>

void range_values_free(struct range_values *values)
{
	free(values->reserved);
	values->reserved = NULL;
}

void range_record_free(struct range_record *record)
{
	range_values_free(&record->before);
	range_values_free(&record->after);
}
