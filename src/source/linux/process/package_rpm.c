#include "source/linux/process/package.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * The database of rpm has had several formats; only librpm knows them all. Where rpm is installed, so
 * is librpm: it is loaded when it is needed, and portroom neither links nor builds with it. Its
 * functions are declared here as in rpm 4.14 to 4.20 and 6.0 (rpm/rpmts.h, rpmdb.h, header.h,
 * rpmlib.h, rpmlog.h), its handles as void *.
 */
struct librpm {
	int (*log_mask)(int mask);
	int (*read_config)(const char *file, const char *target);
	void *(*create)(void);
	int (*set_root)(void *transaction, const char *root);
	uint32_t (*set_checks)(void *transaction, uint32_t flags);
	void *(*begin)(void *transaction, int32_t tag, const void *key, size_t length);
	void *(*next)(void *iterator);
	void *(*end)(void *iterator);
	void *(*destroy)(void *transaction);
	char *(*text)(void *header, int32_t tag);
};

/* rpm/rpmtag.h, rpm/rpmts.h, rpm/rpmlog.h */
enum {
	RPM_NAME = 1000,
	RPM_VENDOR = 1011,
	RPM_EVR = 5013, /* [epoch:]version-release */
	RPM_BY_INSTALLED_FILE = 5040,
	RPM_NO_CHECKS = 0xf0f01, /* neither digests nor signatures: nothing is installed */
	RPM_LOG_NOTHING = 1,	 /* but the end of the world */
};

static bool load(struct librpm *rpm)
{
	static const char *const names[] = { "librpm.so.10", "librpm.so.9", "librpm.so.8" };
	void *library = NULL;

	for (size_t i = 0; !library && i < sizeof names / sizeof names[0]; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return false;
	const struct {
		const char *name;
		void *place;
	} functions[] = {
		{ "rpmlogSetMask", &rpm->log_mask },
		{ "rpmReadConfigFiles", &rpm->read_config },
		{ "rpmtsCreate", &rpm->create },
		{ "rpmtsSetRootDir", &rpm->set_root },
		{ "rpmtsSetVSFlags", &rpm->set_checks },
		{ "rpmtsInitIterator", &rpm->begin },
		{ "rpmdbNextIterator", &rpm->next },
		{ "rpmdbFreeIterator", &rpm->end },
		{ "rpmtsFree", &rpm->destroy },
		{ "headerGetAsString", &rpm->text },
	};

	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return false;
		*(void **)functions[i].place = function; /* as dlsym(3) has it */
	}
	return true;
}

/* librpm would make a database where there is none. */
static bool has_database(const char *root)
{
	static const char *const files[] = {
		"usr/lib/sysimage/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/Packages.db",
		"usr/lib/sysimage/rpm/Packages",     "var/lib/rpm/rpmdb.sqlite",
		"var/lib/rpm/Packages.db",	     "var/lib/rpm/Packages",
	};
	struct stat status;
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", root, files[i]);
		if (!stat(path, &status))
			return true;
	}
	return false;
}

/* librpm ends the program where it is refused memory, so there must be plenty before it begins. */
static bool has_memory(void)
{
	enum { PLENTY = 64 << 20 };
	void *volatile memory = malloc(PLENTY);
	bool has = memory;

	free(memory);
	return has;
}

static void set_to_text_of(const struct librpm *rpm, void *header, int32_t tag, char *field)
{
	char *text = rpm->text(header, tag);

	if (text)
		package_set(field, text, strlen(text));
	free(text);
}

bool package_rpm(const char *root, const char *path, struct package *package, int *error)
{
	struct librpm rpm = { 0 };
	void *transaction, *iterator, *header;

	*package = (struct package){ 0 };
	if (!has_database(root))
		return false;
	if (!has_memory()) {
		*error = ENOMEM;
		return false;
	}
	if (!load(&rpm))
		return false;
	rpm.log_mask(RPM_LOG_NOTHING);
	if (rpm.read_config(NULL, NULL))
		return false;
	transaction = rpm.create();
	rpm.set_root(transaction, root);
	rpm.set_checks(transaction, RPM_NO_CHECKS);
	iterator = rpm.begin(transaction, RPM_BY_INSTALLED_FILE, path, 0);
	header = iterator ? rpm.next(iterator) : NULL;
	if (header) {
		set_to_text_of(&rpm, header, RPM_NAME, package->name);
		set_to_text_of(&rpm, header, RPM_EVR, package->version);
		set_to_text_of(&rpm, header, RPM_VENDOR, package->vendor);
	}
	rpm.end(iterator);
	rpm.destroy(transaction);
	if (*package->name)
		return true;
	*package = (struct package){ 0 };
	return false;
}
