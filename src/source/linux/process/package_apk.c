#include "source/linux/process/package.h"
#include "source/linux/rooted_file.h"

#include <string.h>

/*
 * apk(5), "Installed database": one text file, a paragraph for each package, one letter and a colon
 * before each value. P is the name, V the version, m the maintainer, F a folder (without the first
 * slash), R a file in it.
 */

struct paragraph {
	struct package package;
	const char *file,
		*old; /* the wanted names inside the folder; NULL: they are not in it */
};

/* What of the path lies below the folder, NULL if it lies elsewhere. */
static const char *below(const char *path, const char *folder, size_t length)
{
	if (!path)
		return NULL;
	path++;
	if (!length)
		return path;
	return !strncmp(path, folder, length) && path[length] == '/' ? path + length + 1 :
								       NULL;
}

static bool is_file(const char *wanted, const char *file, size_t length)
{
	return wanted && strlen(wanted) == length && !memcmp(wanted, file, length);
}

static bool find(struct rooted_lines *lines, const char *path, const char *old,
		 struct package *package)
{
	struct paragraph paragraph = { 0 };
	struct rooted_line line;

	while (rooted_next(lines, &line)) {
		const char *value = line.text + 2;
		size_t length = line.length - 2;

		if (!line.length) { /* a blank line ends the paragraph */
			paragraph = (struct paragraph){ 0 };
			continue;
		}
		if (line.length < 2 || line.text[1] != ':')
			continue;
		switch (*line.text) {
		case 'P':
			package_set(paragraph.package.name, value, length);
			break;
		case 'V':
			package_set(paragraph.package.version, value, length);
			break;
		case 'm':
			package_set(paragraph.package.vendor, value, length);
			break;
		case 'F':
			paragraph.file = line.cut ? NULL : below(path, value, length);
			paragraph.old = line.cut ? NULL : below(old, value, length);
			break;
		case 'R':
			if (line.cut || !*paragraph.package.name ||
			    (!is_file(paragraph.file, value, length) &&
			     !is_file(paragraph.old, value, length)))
				break;
			*package = paragraph.package;
			return true;
		default:
			break;
		}
	}
	return false;
}

bool package_apk(struct rooted_lines *lines, int root, const char *path,
		 struct package *package)
{
	/* apk-tools 2 and 3 */
	static const char *const files[] = { "lib/apk/db/installed",
					     "usr/lib/apk/db/installed" };
	const char *old = package_old_name(root, path);
	bool found = false;

	*package = (struct package){ 0 };
	for (size_t i = 0; !found && i < sizeof files / sizeof files[0]; i++) {
		if (!rooted_begin(lines, root, files[i]))
			continue;
		found = find(lines, path, old, package);
		rooted_end(lines);
	}
	return found;
}
