#include "source/linux/log/journal_library.h"

#include "base/language.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

struct symbol {
	const char *name;
	void *place; /* of the pointer to it */
};

static bool find(void *library, const struct symbol *symbol)
{
	void *found = dlsym(library, symbol->name);

	/* ISO C knows no way from an object's pointer to a function's; POSIX says that they are alike. */
	memcpy(symbol->place, &found, sizeof found);
	return found != NULL;
}

const struct journal_library *journal_library_load(struct error *error)
{
	static struct journal_library loaded;
	static const struct symbol symbols[] = {
		{ "sd_journal_open", &loaded.open },
		{ "sd_journal_open_directory", &loaded.open_directory },
		{ "sd_journal_close", &loaded.close },
		{ "sd_journal_previous", &loaded.previous },
		{ "sd_journal_next", &loaded.next },
		{ "sd_journal_seek_head", &loaded.seek_head },
		{ "sd_journal_seek_tail", &loaded.seek_tail },
		{ "sd_journal_seek_cursor", &loaded.seek_cursor },
		{ "sd_journal_get_cursor", &loaded.get_cursor },
		{ "sd_journal_get_realtime_usec", &loaded.get_realtime_usec },
		{ "sd_journal_get_data", &loaded.get_data },
		{ "sd_journal_set_data_threshold", &loaded.set_data_threshold },
		{ "sd_journal_get_fd", &loaded.get_fd },
		{ "sd_journal_process", &loaded.process },
	};
	static const char name[] = "libsystemd.so.0";
	void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);

	if (!library) {
		error_set(error, _("%s cannot be loaded"), name);
		return NULL;
	}
	for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
		if (!find(library, &symbols[i])) {
			error_set(error, _("%s has no %s"), name, symbols[i].name);
			return NULL;
		}
	return &loaded;
}
