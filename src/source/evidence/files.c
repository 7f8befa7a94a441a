#include "source/evidence/files.h"

#include "base/arena.h"
#include "base/language.h"
#include "system/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 32 };

static char *copy(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(memory_resize(NULL, size, 1), text, size);
}

static void add(struct evidence_files *files, const char *path, const char *why_not)
{
	array_reserve(files->items, files->count, files->capacity);
	files->items[files->count++] = (struct evidence_file){
		.path = path ? copy(path) : NULL,
		.name = copy(path ? path : _("standard input")),
		.why_not = why_not ? copy(why_not) : NULL,
	};
}

/* Of "dir/" and "x" "dir/x"; the caller frees. */
static char *join(const char *folder, const char *name)
{
	size_t length = strlen(folder);
	size_t size = length + strlen(name) + 2;
	char *path = memory_resize(NULL, size, 1);
	char between[2] = { file_separator(folder) };

	if (length && file_is_separator(folder[length - 1]))
		*between = '\0';
	snprintf(path, size, "%s%s%s", folder, between, name);
	return path;
}

static bool is_full(const struct evidence_files *files)
{
	return files->count >= EVIDENCE_FILES_MOST;
}

static void walk(struct evidence_files *files, const char *folder, int depth);

static void add_entry(struct evidence_files *files, const char *folder, const char *entry,
		      int depth)
{
	char *path = join(folder, entry);

	switch (file_kind_itself(path)) {
	case FILE_NONE:
		add(files, path, language_errno(errno));
		break;
	case FILE_FOLDER:
		walk(files, path, depth + 1);
		break;
	case FILE_PLAIN:
		add(files, path, NULL);
		break;
	case FILE_LINK:
		add(files, path, _("it is a link, which is not followed"));
		break;
	case FILE_NULL:
	case FILE_DISK:
	case FILE_OTHER:
		add(files, path, _("it is no regular file"));
		break;
	}
	free(path);
}

static void walk(struct evidence_files *files, const char *folder, int depth)
{
	struct file_names names;

	if (depth > DEEPEST) {
		add(files, folder, _("folders are nested too deeply"));
		return;
	}
	if (file_names(&names, folder)) {
		add(files, folder, language_errno(errno));
		return;
	}
	for (size_t i = 0; i < names.count && !is_full(files); i++) {
		add_entry(files, folder, names.items[i], depth);
		if (is_full(files))
			add(files, folder,
			    _("there are more files than 10,000; the others were not "
			      "looked at"));
	}
	file_names_free(&names);
}

void evidence_files_add(struct evidence_files *files, const char *named)
{
	if (!strcmp(named, "-"))
		add(files, NULL, NULL);
	else if (file_kind(named) == FILE_FOLDER)
		walk(files, named, 0);
	else
		add(files, named, NULL);
}

void evidence_files_free(struct evidence_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->items[i].path);
		free(files->items[i].name);
		free(files->items[i].why_not);
	}
	free(files->items);
	*files = (struct evidence_files){ 0 };
}
