#include "source/services.h"

#include <stdlib.h>

void services_free(struct services *services)
{
	free(services->items);
	arena_free(&services->arena);
}
