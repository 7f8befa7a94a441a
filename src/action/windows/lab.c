#include "action/lab.h"

#include "base/language.h"

#include <stddef.h>

/* Windows has no network namespaces: a rehearsal would take the ports of the machine itself. */
static int cannot(struct error *error)
{
	return error_set(error, "%s",
			 _("a rehearsal needs a network namespace of its own, which Windows "
			   "does not have; run it on Linux, or in WSL"));
}

const struct port_range lab_range = { 0 };
const struct address lab_program_address, lab_service_address;

struct lab *lab_open(bool service_closes, struct error *error)
{
	(void)service_closes;
	cannot(error);
	return NULL;
}

void lab_close(struct lab *lab)
{
	(void)lab;
}

int32_t lab_program(const struct lab *lab)
{
	(void)lab;
	return 0;
}

int lab_work(struct lab *lab, const struct lab_habit *habit, unsigned count,
	     struct lab_answer *answer, struct error *error)
{
	(void)lab;
	(void)habit;
	(void)count;
	(void)answer;
	return cannot(error);
}

void lab_settle(void)
{
}

int lab_set(const char *setting, const char *value, struct error *error)
{
	(void)setting;
	(void)value;
	return cannot(error);
}

int lab_restart(struct lab *lab, struct error *error)
{
	(void)lab;
	return cannot(error);
}

int lab_raise_limit(struct lab *lab, unsigned descriptors, struct error *error)
{
	(void)lab;
	(void)descriptors;
	return cannot(error);
}
