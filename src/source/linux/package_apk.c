#include "base/arena.h"
#include "source/linux/package.h"
#include "source/linux/rooted_file.h"

#include <stdlib.h>
#include <string.h>

/*
 * apk(5), "Installed database": one text file, a paragraph for each package, one letter and a colon
 * before each value. P is the name, V the version, m the maintainer, F a folder (without the first
 * slash), R a file in it.
 */

struct paragraph {
	const char *name, *version, *maintainer, *folder;
};

static bool is_file(const char *folder, const char *file, const char *path)
{
	size_t length = folder ? strlen(folder) : 0;

	if (!path || !folder)
		return false;
	path++;
	if (!length)
		return !strcmp(path, file);
	return !strncmp(path, folder, length) && path[length] == '/' &&
	       !strcmp(path + length + 1, file);
}

static bool find(struct arena *arena, char *text, const char *path, const char *old,
		 struct package *package)
{
	struct paragraph paragraph = { 0 };

	for (char *line = text, *next; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (next == line) { /* a blank line ends the paragraph */
			paragraph = (struct paragraph){ 0 };
			next++;
			continue;
		}
		if (*next)
			*next++ = '\0';
		if (!line[0] || line[1] != ':')
			continue;
		switch (*line) {
		case 'P':
			paragraph.name = line + 2;
			break;
		case 'V':
			paragraph.version = line + 2;
			break;
		case 'm':
			paragraph.maintainer = line + 2;
			break;
		case 'F':
			paragraph.folder = line + 2;
			break;
		case 'R':
			if (!paragraph.name || (!is_file(paragraph.folder, line + 2, path) &&
						!is_file(paragraph.folder, line + 2, old)))
				break;
			package->name = arena_copy(arena, paragraph.name);
			package->version = arena_copy(arena, paragraph.version);
			package->vendor = arena_copy(arena, paragraph.maintainer);
			return true;
		default:
			break;
		}
	}
	return false;
}

bool package_apk(struct arena *arena, int root, const char *path, struct package *package)
{
	/* apk-tools 2 and 3 */
	static const char *const files[] = { "lib/apk/db/installed",
					     "usr/lib/apk/db/installed" };
	const char *old = package_old_name(root, path);
	struct rooted_text text = { 0 };
	bool found = false;

	*package = (struct package){ 0 };
	for (size_t i = 0; !found && i < sizeof files / sizeof files[0]; i++)
		found = rooted_read(root, files[i], &text) &&
			find(arena, text.bytes, path, old, package);
	free(text.bytes);
	return found;
}
