#pragma once

#include <stdbool.h>

struct arena;

/*
 * Which package an executable comes from, by the package manager's own files; no program is run.
 * `vendor` is whom to contact, as the package says it: Maintainer of dpkg and apk (name and e-mail),
 * Vendor of rpm. Each text is NULL where it is not known.
 */
struct package {
	const char *name, *version, *vendor;
};

/* `root` is a descriptor of the root directory that `path` belongs to; `path` is absolute and free
 * of symbolic links, as /proc/PID/exe has it. False where no package has it. */
bool package_find(struct arena *arena, int root, const char *path, struct package *package);

/* One package manager each. */
bool package_dpkg(struct arena *arena, int root, const char *path, struct package *package);
bool package_apk(struct arena *arena, int root, const char *path, struct package *package);

/* By librpm, if it is there. It trusts its database, so the root must be the caller's own; it is
 * given as a path ("/"). */
bool package_rpm(struct arena *arena, const char *root, const char *path,
		 struct package *package);

/*
 * Where /bin and others are links into /usr (usrmerge), packages still list /bin/ls for what is
 * /usr/bin/ls now. The other name of `path`, which is its tail, or NULL if there is none in that
 * root.
 */
const char *package_old_name(int root, const char *path);
