#define _GNU_SOURCE /* memmem() */
#include "base/arena.h"
#include "source/linux/package.h"
#include "source/linux/rooted_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * dpkg(1): var/lib/dpkg/info/NAME.list or NAME:ARCHITECTURE.list has the paths of a package, one a
 * line; var/lib/dpkg/status has a paragraph for each package. Images without dpkg (distroless) have
 * a file with the paragraph for each package in status.d/NAME, and NAME.md5sums beside it.
 */

static const char info_folder[] = "var/lib/dpkg/info";
static const char status_folder[] = "var/lib/dpkg/status.d";

/* What is looked for: a path under one name or two. */
struct wanted {
	const char *path;
	const char *old; /* before usrmerge; NULL: none */
};

/* Whether a line of `text` ends in `path` and begins where `starts` characters precede it. */
static bool has_line(const struct rooted_text *text, const char *path, size_t hash_length)
{
	const char *at = text->bytes, *end = at + text->length;
	size_t length = strlen(path);

	while ((at = memmem(at, (size_t)(end - at), path, length))) {
		size_t before = (size_t)(at - text->bytes);
		bool ends = at + length == end || at[length] == '\n';
		bool begins =
			before == hash_length ||
			(before > hash_length && at[-1 - (ptrdiff_t)hash_length] == '\n');

		if (ends && begins)
			return true;
		at += length;
	}
	return false;
}

/* "/usr/bin/x" stands alone on a line of a .list; in .md5sums it is "usr/bin/x" behind 32 digits and
 * two spaces. */
static bool lists(const struct rooted_text *text, const char *path, bool sums)
{
	enum { SUM_LENGTH = 34 };

	return path && has_line(text, sums ? path + 1 : path, sums ? SUM_LENGTH : 0);
}

/* The name of the first file in the folder that lists the path, without `suffix`. */
static char *find_list(struct arena *arena, int root, const char *folder, const char *suffix,
		       const struct wanted *wanted, struct rooted_text *text)
{
	int fd = rooted_open_directory(root, folder);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	bool sums = !strcmp(suffix, ".md5sums");
	size_t suffix_length = strlen(suffix);
	struct dirent *entry;
	char *name = NULL;

	if (!listing) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	while (!name && (entry = readdir(listing))) {
		size_t length = strlen(entry->d_name);

		if (length <= suffix_length ||
		    strcmp(entry->d_name + length - suffix_length, suffix) != 0 ||
		    !rooted_read_entry(fd, entry->d_name, text))
			continue;
		if (lists(text, wanted->path, sums) || lists(text, wanted->old, sums))
			name = arena_copy_length(arena, entry->d_name, length - suffix_length);
	}
	closedir(listing);
	return name;
}

/* The value of a field in a paragraph that ends at `end`; NULL if it has none. Only first lines are
 * asked for. */
static char *field(struct arena *arena, const char *paragraph, const char *end,
		   const char *name)
{
	size_t length = strlen(name);

	for (const char *line = paragraph; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		if (!stop)
			stop = end;
		if ((size_t)(stop - line) > length + 1 && !memcmp(line, name, length) &&
		    line[length] == ':') {
			line += length + 1;
			while (line < stop && (*line == ' ' || *line == '\t'))
				line++;
			return line < stop ?
				       arena_copy_length(arena, line, (size_t)(stop - line)) :
				       NULL;
		}
		line = stop + 1;
	}
	return NULL;
}

static const char *paragraph_end(const struct rooted_text *text, const char *paragraph)
{
	const char *end = text->bytes + text->length;
	const char *blank = memmem(paragraph, (size_t)(end - paragraph), "\n\n", 2);

	return blank ? blank : end;
}

/* The paragraph of a package; one of several architectures must be the right one. */
static const char *find_paragraph(struct arena *arena, const struct rooted_text *text,
				  const char *name, const char *architecture)
{
	const char *line = arena_print(arena, "Package: %s\n", name);
	const char *at = text->bytes, *end = at + text->length;

	while ((at = memmem(at, (size_t)(end - at), line, strlen(line)))) {
		bool begins = at == text->bytes || at[-1] == '\n';
		const char *is = field(arena, at, paragraph_end(text, at), "Architecture");

		if (begins && (!architecture || (is && !strcmp(is, architecture))))
			return at;
		at++;
	}
	return NULL;
}

static void describe(struct arena *arena, const struct rooted_text *text,
		     const char *paragraph, struct package *package)
{
	const char *end = paragraph ? paragraph_end(text, paragraph) : NULL;

	if (!paragraph)
		return;
	package->version = field(arena, paragraph, end, "Version");
	package->vendor = field(arena, paragraph, end, "Maintainer");
}

/*
 * dpkg-divert(1): who diverted a path owns the file there now, and other packages still list it. Three
 * lines each: the path, where it went, and the package or ":" for the administrator.
 */
static bool diverted(struct arena *arena, int root, const struct wanted *wanted,
		     struct rooted_text *text, char **package)
{
	char *line, *save = NULL;

	if (!rooted_read(root, "var/lib/dpkg/diversions", text))
		return false;
	line = strtok_r(text->bytes, "\n", &save);
	while (line) {
		const char *to = strtok_r(NULL, "\n", &save);
		const char *by = strtok_r(NULL, "\n", &save);

		if (!to || !by)
			return false;
		if (!strcmp(line, wanted->path) ||
		    (wanted->old && !strcmp(line, wanted->old))) {
			*package = strcmp(by, ":") != 0 ? arena_copy(arena, by) : NULL;
			return true;
		}
		line = strtok_r(NULL, "\n", &save);
	}
	return false;
}

static bool find_installed(struct arena *arena, int root, const struct wanted *wanted,
			   struct rooted_text *text, struct package *package)
{
	char *name = NULL, *architecture;

	if (!diverted(arena, root, wanted, text, &name))
		name = find_list(arena, root, info_folder, ".list", wanted, text);
	if (!name)
		return false;
	architecture = strchr(name, ':');
	if (architecture)
		*architecture++ = '\0';
	package->name = name;
	if (rooted_read(root, "var/lib/dpkg/status", text))
		describe(arena, text, find_paragraph(arena, text, name, architecture),
			 package);
	return true;
}

static bool find_distroless(struct arena *arena, int root, const struct wanted *wanted,
			    struct rooted_text *text, struct package *package)
{
	const char *name = find_list(arena, root, status_folder, ".md5sums", wanted, text);

	if (!name)
		return false;
	package->name = name;
	if (rooted_read(root, arena_print(arena, "%s/%s", status_folder, name), text)) {
		const char *called =
			field(arena, text->bytes, paragraph_end(text, text->bytes), "Package");

		if (called)
			package->name = called;
		describe(arena, text, text->bytes, package);
	}
	return true;
}

bool package_dpkg(struct arena *arena, int root, const char *path, struct package *package)
{
	struct wanted wanted = { .path = path, .old = package_old_name(root, path) };
	struct rooted_text text = { 0 };
	bool found;

	*package = (struct package){ 0 };
	found = find_installed(arena, root, &wanted, &text, package) ||
		find_distroless(arena, root, &wanted, &text, package);
	free(text.bytes);
	return found;
}
