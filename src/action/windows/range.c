#include "action/range.h"

#include "base/language.h"

static int cannot(struct error *error)
{
	return error_set(error, "%s", _("not available on this system"));
}

int range_set(const struct range_place *place, const struct range_values *before,
	      const struct range_values *after, unsigned for_s, struct error *error)
{
	(void)place;
	(void)before;
	(void)after;
	(void)for_s;
	return cannot(error);
}

int range_last(const struct range_place *place, struct range_record *record,
	       struct error *error)
{
	(void)place;
	(void)record;
	(void)error;
	return 0;
}

int64_t range_left_ms(const struct range_record *record)
{
	(void)record;
	return 0;
}

int range_confirm(const struct range_place *place, struct range_record *record,
		  struct error *error)
{
	(void)place;
	(void)record;
	return cannot(error);
}

int range_undo(const struct range_place *place, struct range_record *record,
	       struct error *error)
{
	(void)place;
	(void)record;
	return cannot(error);
}

int range_counts_at_boot(const struct range_place *place)
{
	(void)place;
	return -1;
}

int range_persist(const struct range_place *place, const struct range_values *before,
		  const struct range_values *after, struct error *error)
{
	(void)place;
	(void)before;
	(void)after;
	return cannot(error);
}

int range_unpersist(struct error *error)
{
	return cannot(error);
}

void range_overdue(void (*tell)(const char *sentence))
{
	(void)tell;
}
