#include "source/services.h"

void services_read(struct services *services)
{
	*services = (struct services){ 0 };
}
