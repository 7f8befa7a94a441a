#pragma once

#include <stdbool.h>
#include <stddef.h>

struct rooted_lines;

/*
 * Which package an executable comes from, by the package manager's own files; no program is run.
 * `vendor` is whom to contact, as the package says it: Maintainer of dpkg and apk (name and e-mail),
 * Vendor of rpm. Each text is empty where it is not known, all are where no package is. They are
 * cut: whoever made the container wrote them.
 */
enum { PACKAGE_TEXT_LENGTH = 200 };

struct package {
	char name[PACKAGE_TEXT_LENGTH + 1];
	char version[PACKAGE_TEXT_LENGTH + 1];
	char vendor[PACKAGE_TEXT_LENGTH + 1];
};

/* The text without the blanks in front, up to a byte of value zero; cut between two characters of
 * UTF-8. */
void package_set(char field[PACKAGE_TEXT_LENGTH + 1], const char *text, size_t length);

/* `root` is a descriptor of the root directory that `path` belongs to; `path` is absolute and free
 * of symbolic links, as /proc/PID/exe has it. False where no package has it, or where it could not
 * be told: then lines->error is set. No memory is taken but for the list of a folder. */
bool package_find(struct rooted_lines *lines, int root, const char *path,
		  struct package *package);

/* One package manager each. */
bool package_dpkg(struct rooted_lines *lines, int root, const char *path,
		  struct package *package);
bool package_apk(struct rooted_lines *lines, int root, const char *path,
		 struct package *package);

/* By librpm, if it is there. It trusts its database, so the root must be the caller's own; it is
 * given as a path ("/"). False and *error ENOMEM where it could not be asked for want of memory. */
bool package_rpm(const char *root, const char *path, struct package *package, int *error);

/*
 * Where /bin and others are links into /usr (usrmerge), packages still list /bin/ls for what is
 * /usr/bin/ls now. The other name of `path`, which is its tail, or NULL if there is none in that
 * root.
 */
const char *package_old_name(int root, const char *path);
