#include "source/linux/package.h"

#include "base/arena.h"
#include "source/linux/rooted_file.h"

#include "suite.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Roots made for a case: a folder with the files of one package manager. */

struct tree {
	char path[64];
	int root;
	struct arena arena;
	struct package package;
};

static void make_folders(const struct tree *tree, const char *path)
{
	char folder[256];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
		mkdirat(tree->root, folder, 0755);
	}
}

static void write_bytes(const struct tree *tree, const char *path, const char *bytes,
			size_t length)
{
	int fd;

	make_folders(tree, path);
	fd = openat(tree->root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	while (length) {
		ssize_t written = write(fd, bytes, length);

		assert_true(written > 0);
		bytes += written;
		length -= (size_t)written;
	}
	close(fd);
}

static void write_file(const struct tree *tree, const char *path, const char *text)
{
	write_bytes(tree, path, text, strlen(text));
}

static struct tree make_tree(void)
{
	struct tree tree = { .path = "/tmp/portroom-package-XXXXXX" };

	assert_non_null(mkdtemp(tree.path));
	tree.root = open(tree.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(tree.root >= 0);
	return tree;
}

static const char nginx_list[] = "/.\n/usr\n/usr/sbin\n/usr/sbin/nginx\n/usr/share\n";
static const char nginx_status[] = "Package: nginx\n"
				   "Status: install ok installed\n"
				   "Maintainer: Debian Nginx Maintainers <nginx@example.org>\n"
				   "Architecture: amd64\n"
				   "Version: 1.22.1-9\n"
				   "Description: web server\n"
				   " Package: not-this-one\n"
				   "\n";

static struct tree make_dpkg_tree(void)
{
	struct tree tree = make_tree();

	write_file(&tree, "var/lib/dpkg/info/nginx.list", nginx_list);
	write_file(&tree, "var/lib/dpkg/info/other.list", "/.\n/usr/sbin/nginx-debug\n/opt\n");
	write_file(&tree, "var/lib/dpkg/status", nginx_status);
	return tree;
}

static int remove_entry(const char *path, const struct stat *status, int kind,
			struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

static void end_tree(struct tree *tree)
{
	close(tree->root);
	nftw(tree->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	arena_free(&tree->arena);
}

static bool find(struct tree *tree, const char *path)
{
	return package_find(&tree->arena, tree->root, path, &tree->package);
}

static void assert_text(const char *is, const char *wanted)
{
	assert_that(wanted ? is && !strcmp(is, wanted) : !is, "'%s' instead of '%s'",
		    is ? is : "(null)", wanted ? wanted : "(null)");
}

static void assert_package(const struct tree *tree, const char *name, const char *version,
			   const char *vendor)
{
	assert_text(tree->package.name, name);
	assert_text(tree->package.version, version);
	assert_text(tree->package.vendor, vendor);
}

static void assert_nginx(struct tree *tree)
{
	assert_true(find(tree, "/usr/sbin/nginx"));
	assert_package(tree, "nginx", "1.22.1-9",
		       "Debian Nginx Maintainers <nginx@example.org>");
}

static void assert_unknown(struct tree *tree, const char *path)
{
	assert_that(!find(tree, path), "%s belongs to %s", path, tree->package.name);
	assert_package(tree, NULL, NULL, NULL);
}

TEST(dpkg_names_package_version_and_maintainer)
{
	struct tree tree = make_dpkg_tree();

	assert_nginx(&tree);
	end_tree(&tree);
}

TEST(only_a_whole_line_is_the_path)
{
	struct tree tree = make_dpkg_tree();

	assert_unknown(&tree, "/usr/sbin/ngin");
	assert_unknown(&tree, "/sbin/nginx");
	assert_unknown(&tree, "/usr/sbin/nginx-deb");
	assert_unknown(&tree, "relative");
	assert_unknown(&tree, "");
	end_tree(&tree);
}

TEST(the_last_line_needs_no_end)
{
	struct tree tree = make_dpkg_tree();

	write_file(&tree, "var/lib/dpkg/info/last.list", "/.\n/opt/last");
	assert_true(find(&tree, "/opt/last"));
	assert_package(&tree, "last", NULL, NULL);
	end_tree(&tree);
}

TEST(an_unknown_executable_has_no_package)
{
	struct tree tree = make_dpkg_tree(), empty = make_tree();

	assert_unknown(&tree, "/opt/own/program");
	assert_unknown(&empty, "/usr/sbin/nginx");
	end_tree(&tree);
	end_tree(&empty);
}

TEST(a_package_without_a_version_has_none)
{
	struct tree tree = make_dpkg_tree();

	write_file(&tree, "var/lib/dpkg/status",
		   "Package: nginx\nVersion:\nDescription: x\n\nPackage: b\nVersion: 2\n");
	assert_true(find(&tree, "/usr/sbin/nginx"));
	assert_package(&tree, "nginx", NULL, NULL);
	end_tree(&tree);
}

TEST(of_several_architectures_the_right_one_is_told)
{
	struct tree tree = make_tree();

	write_file(&tree, "var/lib/dpkg/info/libx:i386.list", "/usr/lib/i386/x\n");
	write_file(&tree, "var/lib/dpkg/status",
		   "Package: libx\nArchitecture: amd64\nVersion: 1\n\n"
		   "Package: libx\nArchitecture: i386\nVersion: 2\n\n");
	assert_true(find(&tree, "/usr/lib/i386/x"));
	assert_package(&tree, "libx", "2", NULL);
	end_tree(&tree);
}

TEST(the_right_one_of_many_packages_is_told)
{
	enum { PACKAGES = 5000, LONGEST = 128 };
	struct tree tree = make_dpkg_tree();
	char *status = malloc(PACKAGES * LONGEST + sizeof nginx_status);
	size_t length = 0;

	assert_non_null(status);
	for (int i = 0; i < PACKAGES; i++)
		length += (size_t)snprintf(status + length, LONGEST,
					   "Package: nginx%d\nVersion: %d\nMaintainer: a\n\n",
					   i, i);
	strcpy(status + length, nginx_status);
	write_file(&tree, "var/lib/dpkg/status", status);
	free(status);
	assert_nginx(&tree);
	end_tree(&tree);
}

/* Debian 12: /bin is a link to usr/bin, and coreutils still lists /bin/ls. */
TEST(a_merged_usr_keeps_its_old_names)
{
	struct tree tree = make_dpkg_tree();

	write_file(&tree, "var/lib/dpkg/info/coreutils.list", "/.\n/bin\n/bin/ls\n");
	assert_unknown(&tree, "/usr/bin/ls");
	assert_int_equal(symlinkat("usr/bin", tree.root, "bin"), 0);
	assert_true(find(&tree, "/usr/bin/ls"));
	assert_package(&tree, "coreutils", NULL, NULL);
	assert_unknown(&tree, "/usr/share/bin/ls");
	assert_nginx(&tree);
	end_tree(&tree);
}

TEST(a_diverted_path_belongs_to_who_diverted_it)
{
	struct tree tree = make_dpkg_tree();

	write_file(&tree, "var/lib/dpkg/diversions",
		   "/a\n/usr/sbin/nginx\nb\n/usr/sbin/nginx\n/usr/sbin/nginx.real\nangie\n");
	assert_true(find(&tree, "/usr/sbin/nginx"));
	assert_package(&tree, "angie", NULL, NULL);
	write_file(&tree, "var/lib/dpkg/diversions",
		   "/usr/sbin/nginx\n/usr/sbin/nginx.real\n:\n");
	assert_unknown(&tree, "/usr/sbin/nginx");
	end_tree(&tree);
}

TEST(an_image_without_dpkg_has_its_paragraphs_in_files)
{
	struct tree tree = make_tree();

	write_file(&tree, "var/lib/dpkg/status.d/openssl",
		   "Package: openssl\nVersion: 3.0\n"
		   "Maintainer: OpenSSL Team\n");
	write_file(&tree, "var/lib/dpkg/status.d/openssl.md5sums",
		   "0123456789abcdef0123456789abcdef  usr/bin/c_rehash\n"
		   "0123456789abcdef0123456789abcdef  usr/bin/openssl\n");
	assert_true(find(&tree, "/usr/bin/openssl"));
	assert_package(&tree, "openssl", "3.0", "OpenSSL Team");
	assert_unknown(&tree, "/bin/openssl");
	end_tree(&tree);
}

TEST(apk_names_package_version_and_maintainer)
{
	struct tree tree = make_tree();

	write_file(
		&tree, "lib/apk/db/installed",
		"C:Q1abc=\nP:musl\nV:1.2.5-r0\nm:Other <o@example.org>\nF:lib\nR:libc.so\n\n"
		"C:Q1def=\nP:nginx\nV:1.26.2-r0\nm:Natanael <n@example.org>\nF:usr\n"
		"F:usr/sbin\nM:0:0:755\nR:nginx-debug\nR:nginx\na:0:0:755\n\n"
		"P:broken\nF:opt\nR:thing\n\nR:stray\nF:\nR:init\n");
	assert_true(find(&tree, "/usr/sbin/nginx"));
	assert_package(&tree, "nginx", "1.26.2-r0", "Natanael <n@example.org>");
	assert_true(find(&tree, "/opt/thing"));
	assert_package(&tree, "broken", NULL, NULL);
	assert_unknown(&tree, "/usr/sbin/ngin");
	assert_unknown(&tree, "/sbin/nginx");
	assert_unknown(&tree, "/init");
	end_tree(&tree);
}

TEST(a_fifo_or_folder_in_place_of_a_file_is_passed_over)
{
	struct tree tree = make_dpkg_tree();

	assert_int_equal(mkfifoat(tree.root, "var/lib/dpkg/info/a.list", 0644), 0);
	assert_int_equal(mkfifoat(tree.root, "var/lib/dpkg/diversions", 0644), 0);
	make_folders(&tree, "var/lib/dpkg/info/b.list/");
	assert_nginx(&tree);
	assert_int_equal(unlinkat(tree.root, "var/lib/dpkg/status", 0), 0);
	assert_int_equal(mkfifoat(tree.root, "var/lib/dpkg/status", 0644), 0);
	assert_true(find(&tree, "/usr/sbin/nginx"));
	assert_package(&tree, "nginx", NULL, NULL);
	end_tree(&tree);
}

TEST(a_link_does_not_lead_out_of_the_root)
{
	struct tree tree = make_tree(), outside = make_dpkg_tree();
	char path[128];

	make_folders(&tree, "var/lib/");
	snprintf(path, sizeof path, "%s/var/lib/dpkg", outside.path);
	assert_int_equal(symlinkat(path, tree.root, "var/lib/dpkg"), 0);
	assert_unknown(&tree, "/usr/sbin/nginx");
	assert_int_equal(unlinkat(tree.root, "var/lib/dpkg", 0), 0);
	snprintf(path, sizeof path, "../../../%s/var/lib/dpkg", strrchr(outside.path, '/'));
	assert_int_equal(symlinkat(path, tree.root, "var/lib/dpkg"), 0);
	assert_unknown(&tree, "/usr/sbin/nginx");
	end_tree(&tree);
	end_tree(&outside);
}

/* One line longer than any buffer, bytes of value zero, no line at all. */
TEST(hostile_files_are_only_not_found_in)
{
	enum { SIZE = 3 << 20 };
	struct tree tree = make_dpkg_tree();
	char *bytes = malloc(SIZE);

	assert_non_null(bytes);
	memset(bytes, 'x', SIZE);
	write_bytes(&tree, "var/lib/dpkg/info/a.list", bytes, SIZE);
	write_bytes(&tree, "lib/apk/db/installed", bytes, SIZE);
	memset(bytes, 0, SIZE);
	write_bytes(&tree, "var/lib/dpkg/info/b.list", bytes, SIZE);
	write_bytes(&tree, "var/lib/dpkg/diversions", bytes, SIZE);
	write_bytes(&tree, "usr/lib/apk/db/installed", bytes, SIZE);
	write_file(&tree, "var/lib/dpkg/info/c.list", "");
	write_file(&tree, "var/lib/dpkg/info/.list", nginx_list);
	assert_nginx(&tree);
	assert_unknown(&tree, "/opt/x");
	write_bytes(&tree, "var/lib/dpkg/status", bytes, SIZE);
	assert_true(find(&tree, "/usr/sbin/nginx"));
	assert_package(&tree, "nginx", NULL, NULL);
	free(bytes);
	end_tree(&tree);
}

TEST(a_file_beyond_the_limit_is_not_read)
{
	struct tree tree = make_dpkg_tree();
	struct rooted_text text = { 0 };

	assert_int_equal(
		truncate(strcat(strcpy((char[128]){ 0 }, tree.path), "/var/lib/dpkg/status"),
			 LARGEST_ROOTED_FILE + 1L),
		0);
	assert_false(rooted_read(tree.root, "var/lib/dpkg/status", &text));
	assert_true(rooted_read(tree.root, "/var/lib/dpkg/info/nginx.list", &text));
	assert_string_equal(text.bytes, nginx_list);
	free(text.bytes);
	end_tree(&tree);
}

static const char spec[] =
	"Name: leaky\nEpoch: 2\nVersion: 1.5\nRelease: 7\nVendor: Example Vendor\n"
	"Summary: a\nLicense: a\nBuildArch: noarch\n%description\na\n"
	"%install\nmkdir -p %{buildroot}/opt/leaky\n"
	"echo a >%{buildroot}/opt/leaky/leakd\n%files\n/opt/leaky/leakd\n";

/* The package is built here, and rpm itself writes the database: the only format that counts. */
static bool make_rpm_tree(const struct tree *tree)
{
	char command[512];

	/* Debian's rpm keeps its database at home. */
	write_file(tree, ".rpmmacros", "%_dbpath /var/lib/rpm\n");
	write_file(tree, "leaky.spec", spec);
	setenv("HOME", tree->path, 1);
	snprintf(
		command, sizeof command,
		"exec >/dev/null 2>&1; cd %s && mkdir root && rpmbuild --quiet --define \"_topdir $PWD/top\" -bb "
		"leaky.spec && rpm --root $PWD/root -i --nodeps top/RPMS/noarch/*.rpm",
		tree->path);
	return !system(command);
}

TEST(rpm_names_package_version_and_vendor)
{
	struct tree tree;
	char root[80];

	if (system("command -v rpm rpmbuild >/dev/null 2>&1") || geteuid())
		skip();
	tree = make_tree();
	assert_true(make_rpm_tree(&tree));
	snprintf(root, sizeof root, "%s/root", tree.path);
	assert_true(package_rpm(&tree.arena, root, "/opt/leaky/leakd", &tree.package));
	assert_package(&tree, "leaky", "2:1.5-7", "Example Vendor");
	assert_false(package_rpm(&tree.arena, root, "/opt/leaky/other", &tree.package));
	assert_package(&tree, NULL, NULL, NULL);
	unsetenv("HOME");
	end_tree(&tree);
}

TEST(where_rpm_has_no_database_none_is_made)
{
	struct tree tree = make_tree();

	assert_false(package_rpm(&tree.arena, tree.path, "/opt/leaky/leakd", &tree.package));
	assert_int_equal(faccessat(tree.root, "var", F_OK, 0), -1);
	end_tree(&tree);
}

SUITE(package, cmocka_unit_test(dpkg_names_package_version_and_maintainer),
      cmocka_unit_test(only_a_whole_line_is_the_path),
      cmocka_unit_test(the_last_line_needs_no_end),
      cmocka_unit_test(an_unknown_executable_has_no_package),
      cmocka_unit_test(a_package_without_a_version_has_none),
      cmocka_unit_test(of_several_architectures_the_right_one_is_told),
      cmocka_unit_test(the_right_one_of_many_packages_is_told),
      cmocka_unit_test(a_merged_usr_keeps_its_old_names),
      cmocka_unit_test(a_diverted_path_belongs_to_who_diverted_it),
      cmocka_unit_test(an_image_without_dpkg_has_its_paragraphs_in_files),
      cmocka_unit_test(apk_names_package_version_and_maintainer),
      cmocka_unit_test(a_fifo_or_folder_in_place_of_a_file_is_passed_over),
      cmocka_unit_test(a_link_does_not_lead_out_of_the_root),
      cmocka_unit_test(hostile_files_are_only_not_found_in),
      cmocka_unit_test(a_file_beyond_the_limit_is_not_read),
      cmocka_unit_test(rpm_names_package_version_and_vendor),
      cmocka_unit_test(where_rpm_has_no_database_none_is_made));
