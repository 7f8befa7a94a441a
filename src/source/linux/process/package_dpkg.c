#include "source/linux/process/package.h"
#include "source/linux/rooted_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
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

/* The name of a file in a folder. */
struct file_name {
	char text[256];
};

static bool is_text(const char *bytes, size_t length, const char *text)
{
	return text && strlen(text) == length && !memcmp(bytes, text, length);
}

static bool is_line(const struct rooted_line *line, const char *text)
{
	return !line->cut && is_text(line->text, line->length, text);
}

/* "/usr/bin/x" stands alone on a line of a .list; in .md5sums it is "usr/bin/x" behind 32 digits and
 * two spaces. */
static bool names(const struct rooted_line *line, const char *path, bool sums)
{
	enum { SUM_LENGTH = 34 };

	if (!path || !sums)
		return is_line(line, path);
	return !line->cut && line->length > SUM_LENGTH &&
	       is_text(line->text + SUM_LENGTH, line->length - SUM_LENGTH, path + 1);
}

static bool lists(struct rooted_lines *lines, int folder, const char *file,
		  const struct wanted *wanted, bool sums)
{
	struct rooted_line line;
	bool found = false;

	if (!rooted_begin_entry(lines, folder, file))
		return false;
	while (!found && rooted_next(lines, &line))
		found = names(&line, wanted->path, sums) || names(&line, wanted->old, sums);
	rooted_end(lines);
	return found;
}

static DIR *open_listing(struct rooted_lines *lines, int root, const char *folder)
{
	int fd = rooted_open_directory(root, folder);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);

	if (!listing) {
		rooted_note(lines, errno);
		if (fd >= 0)
			close(fd);
	}
	return listing;
}

/* The name of the first file in the folder that lists the path, without `suffix`. */
static bool find_list(struct rooted_lines *lines, int root, const char *folder,
		      const char *suffix, const struct wanted *wanted, struct file_name *name)
{
	enum { COST_OF_AN_ENTRY = 256 };
	DIR *listing = open_listing(lines, root, folder);
	bool sums = !strcmp(suffix, ".md5sums"), found = false;
	struct dirent *entry;

	if (!listing)
		return false;
	while (!found && rooted_spend(lines, COST_OF_AN_ENTRY) && (entry = readdir(listing))) {
		size_t length = strlen(entry->d_name), suffix_length = strlen(suffix);

		if (length <= suffix_length ||
		    strcmp(entry->d_name + length - suffix_length, suffix) != 0 ||
		    !lists(lines, dirfd(listing), entry->d_name, wanted, sums))
			continue;
		snprintf(name->text, sizeof name->text, "%.*s", (int)(length - suffix_length),
			 entry->d_name);
		found = true;
	}
	closedir(listing);
	return found;
}

/* The value on the line of a field; the text is NULL if it is another's. Only first lines are asked
 * for. */
static struct rooted_line value_of(const struct rooted_line *line, const char *field)
{
	size_t length = strlen(field);
	struct rooted_line value = { .cut = line->cut };

	if (line->length <= length || memcmp(line->text, field, length) != 0 ||
	    line->text[length] != ':')
		return value;
	value.text = line->text + length + 1;
	value.length = line->length - length - 1;
	while (value.length && (*value.text == ' ' || *value.text == '\t')) {
		value.text++;
		value.length--;
	}
	return value;
}

/* The first field of a name counts. */
static void take(const struct rooted_line *line, const char *field, char *text)
{
	struct rooted_line value = value_of(line, field);

	if (value.text && !*text)
		package_set(text, value.text, value.length);
}

static void take_package(const struct rooted_line *line, struct package *package)
{
	take(line, "Package", package->name);
	take(line, "Version", package->version);
	take(line, "Maintainer", package->vendor);
}

static bool has_value(const struct rooted_line *line, const char *field, const char *text)
{
	struct rooted_line value = value_of(line, field);

	return value.text && is_line(&value, text);
}

/* The paragraph of a package; one of several architectures (NULL: any) must be the right one. The
 * file is read once, whatever is in it. */
static bool find_paragraph(struct rooted_lines *lines, const char *name,
			   const char *architecture, struct package *package)
{
	bool named = false, fits = !architecture;
	struct rooted_line line;

	*package = (struct package){ 0 };
	while (rooted_next(lines, &line)) {
		if (line.length) {
			named = named || has_value(&line, "Package", name);
			fits = fits || has_value(&line, "Architecture", architecture);
			take_package(&line, package);
			continue;
		}
		if (named && fits)
			return true;
		named = false;
		fits = !architecture;
		*package = (struct package){ 0 };
	}
	return named && fits;
}

/*
 * dpkg-divert(1): who diverted a path owns the file there now, and other packages still list it. Three
 * lines each: the path, where it went, and the package or ":" for the administrator, whose file is
 * nobody's: then the name is empty.
 */
static bool diverted(struct rooted_lines *lines, int root, const struct wanted *wanted,
		     struct file_name *name)
{
	struct rooted_line line;
	bool found = false;

	if (!rooted_begin(lines, root, "var/lib/dpkg/diversions"))
		return false;
	while (!found && rooted_next(lines, &line)) {
		bool ours = is_line(&line, wanted->path) || is_line(&line, wanted->old);

		if (!rooted_next(lines, &line) || !rooted_next(lines, &line))
			break;
		if (!ours)
			continue;
		found = true;
		if (!line.cut && line.length < sizeof name->text && !is_line(&line, ":"))
			snprintf(name->text, sizeof name->text, "%.*s", (int)line.length,
				 line.text);
	}
	rooted_end(lines);
	return found;
}

static bool find_installed(struct rooted_lines *lines, int root, const struct wanted *wanted,
			   struct package *package)
{
	struct file_name name = { 0 };
	char *architecture;

	if (!diverted(lines, root, wanted, &name))
		find_list(lines, root, info_folder, ".list", wanted, &name);
	architecture = strchr(name.text, ':');
	if (architecture)
		*architecture++ = '\0';
	if (!*name.text)
		return false;
	if (rooted_begin(lines, root, "var/lib/dpkg/status")) {
		if (!find_paragraph(lines, name.text, architecture, package))
			*package = (struct package){ 0 };
		rooted_end(lines);
	}
	package_set(package->name, name.text, strlen(name.text));
	return *package->name;
}

static bool find_distroless(struct rooted_lines *lines, int root, const struct wanted *wanted,
			    struct package *package)
{
	struct file_name name;
	char path[sizeof status_folder + sizeof name.text];
	struct rooted_line line;

	if (!find_list(lines, root, status_folder, ".md5sums", wanted, &name))
		return false;
	snprintf(path, sizeof path, "%s/%s", status_folder, name.text);
	if (rooted_begin(lines, root, path)) {
		while (rooted_next(lines, &line) && line.length)
			take_package(&line, package);
		rooted_end(lines);
	}
	if (!*package->name)
		package_set(package->name, name.text, strlen(name.text));
	return *package->name;
}

bool package_dpkg(struct rooted_lines *lines, int root, const char *path,
		  struct package *package)
{
	struct wanted wanted = { .path = path, .old = package_old_name(root, path) };

	*package = (struct package){ 0 };
	if (find_installed(lines, root, &wanted, package) ||
	    find_distroless(lines, root, &wanted, package))
		return true;
	*package = (struct package){ 0 };
	return false;
}
