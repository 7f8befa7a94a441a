#include "source/evidence/unpack.h"

#include "base/language.h"

/* Hostile archives are taken apart by a process of its own on Linux; here Windows has a program for it. */
int unpack_read(struct unpack_budget *budget, const struct artefact_input *archive, int fd,
		unpack_member *take, void *context, struct error *error)
{
	(void)budget;
	(void)archive;
	(void)fd;
	(void)take;
	(void)context;
	return error_set(error, "%s",
			 _("archives are not opened on Windows; unpack it (tar -xf FILE) and "
			   "give the folder"));
}
