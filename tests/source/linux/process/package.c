#include "source/linux/process/package.h"

#include "snapshot/snapshot.h"
#include "source/linux/process/descriptors.h"
#include "source/linux/rooted_file.h"
#include "source/source.h"

#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Roots made for a case: a folder with the files of one package manager. */

struct tree {
	char path[64];
	int root;
	struct package package;
};

static struct rooted_lines lines;

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
}

static bool find(struct tree *tree, const char *path)
{
	lines.budget = LARGEST_ROOTED_FILE;
	lines.error = 0;
	return package_find(&lines, tree->root, path, &tree->package);
}

static void assert_text(const char *is, const char *wanted)
{
	assert_that(!strcmp(is, wanted ? wanted : ""), "'%s' instead of '%s'", is,
		    wanted ? wanted : "");
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
	struct rooted_line line;

	lines.budget = 2UL * LARGEST_ROOTED_FILE;
	assert_int_equal(
		truncate(strcat(strcpy((char[128]){ 0 }, tree.path), "/var/lib/dpkg/status"),
			 LARGEST_ROOTED_FILE + 1L),
		0);
	assert_false(rooted_begin(&lines, tree.root, "var/lib/dpkg/status"));
	assert_true(rooted_begin(&lines, tree.root, "/var/lib/dpkg/info/nginx.list"));
	assert_true(rooted_next(&lines, &line));
	assert_int_equal(line.length, 2);
	assert_memory_equal(line.text, "/.", 2);
	rooted_end(&lines);
	end_tree(&tree);
}

/* `head`, a line of `size` bytes of value zero that take no room on the disk, `tail`. */
static void write_sparse(const struct tree *tree, const char *path, const char *head,
			 off_t size, const char *tail)
{
	int fd;

	write_file(tree, path, head);
	fd = openat(tree->root, path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, tail, strlen(tail), (off_t)strlen(head) + size),
			 (ssize_t)strlen(tail));
	close(fd);
}

static long most_memory_kib(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_maxrss;
}

/* Of the processor: how busy the machine is makes no difference. */
static double spent_s(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Thousands of the wanted name, each with a field of 60 MB; and the same for every other file. */
TEST(a_hostile_database_costs_neither_memory_nor_time)
{
	enum { NAMES = 3000, SIZE = 60 << 20, MOST_KIB = 8 << 10 };
	static const char hog[] = "Package: nginx\n";
	static const char *const files[] = { "var/lib/dpkg/info/a.list",
					     "var/lib/dpkg/diversions",
					     "lib/apk/db/installed" };
	struct tree tree = make_dpkg_tree();
	char *head = calloc(NAMES + 1, sizeof hog), *end = head;
	long before = most_memory_kib();
	double start;

	assert_non_null(head);
	for (int i = 0; i < NAMES; i++)
		end = stpcpy(end, hog);
	stpcpy(end, "Architecture: ");
	write_sparse(&tree, "var/lib/dpkg/info/nginx:amd64.list", nginx_list, 0, "");
	unlinkat(tree.root, "var/lib/dpkg/info/nginx.list", 0);
	write_sparse(&tree, "var/lib/dpkg/status", head, SIZE, "\n\nPackage: nginx\n");
	start = spent_s();
	assert_true(find(&tree, "/usr/sbin/nginx"));
	assert_package(&tree, "nginx", NULL, NULL);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		write_sparse(&tree, files[i], "/usr/sbin/nginx", SIZE, "\n");
		assert_unknown(&tree, "/opt/x");
		assert_int_equal(unlinkat(tree.root, files[i], 0), 0);
	}
	assert_that(spent_s() - start < 5, "%.1f s", spent_s() - start);
	assert_that(most_memory_kib() - before < MOST_KIB, "%ld KiB more",
		    most_memory_kib() - before);
	free(head);
	end_tree(&tree);
}

TEST(what_follows_a_line_beyond_the_window_is_still_read)
{
	struct tree tree = make_dpkg_tree();
	char tail[sizeof nginx_status + 2];

	snprintf(tail, sizeof tail, "\n\n%s", nginx_status);
	for (off_t size = ROOTED_WINDOW - 20; size < ROOTED_WINDOW + 4; size++) {
		write_sparse(&tree, "var/lib/dpkg/status", "Description: ", size, tail);
		write_sparse(&tree, "var/lib/dpkg/info/nginx.list", "/a", size,
			     "\n/usr/sbin/nginx");
		assert_nginx(&tree);
	}
	end_tree(&tree);
}

TEST(the_name_of_a_folder_that_is_cut_holds_nothing)
{
	struct tree tree = make_tree();

	write_sparse(&tree, "lib/apk/db/installed", "P:a\nF:opt\nF:x", ROOTED_WINDOW,
		     "\nR:thing\n\nP:b\nV:1\nF:opt\nR:thing\n");
	assert_true(find(&tree, "/opt/thing"));
	assert_package(&tree, "b", "1", NULL);
	end_tree(&tree);
}

TEST(reading_ends_with_the_budget)
{
	enum { OPENING = 4096 };
	struct tree tree = make_dpkg_tree();
	struct rooted_line line;

	lines.error = 0;
	lines.budget = OPENING + 10;
	assert_true(rooted_begin(&lines, tree.root, "var/lib/dpkg/info/nginx.list"));
	assert_true(rooted_next(&lines, &line));
	assert_true(rooted_next(&lines, &line));
	assert_false(rooted_next(&lines, &line));
	rooted_end(&lines);
	assert_int_equal(lines.error, EFBIG);
	assert_false(rooted_begin(&lines, tree.root, "var/lib/dpkg/info/nginx.list"));
	assert_false(package_find(&lines, tree.root, "/usr/sbin/nginx", &tree.package));
	end_tree(&tree);
}

/* "é" has two bytes, so that 199 letters and an "é" are one too many. */
TEST(texts_are_cut_between_two_characters)
{
	struct tree tree = make_dpkg_tree();
	char many[PACKAGE_TEXT_LENGTH + 1], status[2000];

	memset(many, 'a', PACKAGE_TEXT_LENGTH);
	many[PACKAGE_TEXT_LENGTH] = '\0';
	snprintf(status, sizeof status,
		 "Package: nginx\nVersion: %saaa\nMaintainer: \t%.199s\xc3\xa9z\n", many,
		 many);
	write_file(&tree, "var/lib/dpkg/status", status);
	assert_true(find(&tree, "/usr/sbin/nginx"));
	assert_text(tree.package.version, many);
	many[PACKAGE_TEXT_LENGTH - 1] = '\0';
	assert_text(tree.package.vendor, many);
	package_set(tree.package.vendor, "\xc3\xa9", 2);
	assert_text(tree.package.vendor, "\xc3\xa9");
	memset(many, 0x80, PACKAGE_TEXT_LENGTH);
	package_set(tree.package.name, many, sizeof many);
	assert_true(strlen(tree.package.name) <= PACKAGE_TEXT_LENGTH);
	end_tree(&tree);
}

TEST(a_package_without_a_name_is_none)
{
	struct tree tree = make_dpkg_tree();

	write_file(&tree, "lib/apk/db/installed",
		   "P:\nV:1\nm:x\nF:opt\nR:a\n\n"
		   "P:  \nV:1\nF:opt\nR:b\n");
	write_file(&tree, "var/lib/dpkg/info/:amd64.list", "/opt/c\n");
	write_file(&tree, "var/lib/dpkg/diversions", "/opt/d\n/opt/e\n\n");
	assert_unknown(&tree, "/opt/a");
	assert_unknown(&tree, "/opt/b");
	assert_unknown(&tree, "/opt/c");
	assert_unknown(&tree, "/opt/d");
	end_tree(&tree);
}

/* All of them are regular files or links to some; reading may take what somebody else waits for. */
TEST(files_that_only_look_like_files_are_not_opened)
{
	static const char *const files[] = {
		"/proc/version",
		"/proc/kmsg",
		"/proc/kcore",
		"/proc/self/maps",
		"/sys/kernel/mm/transparent_hugepage/enabled",
		"/sys/fs/cgroup/cgroup.controllers",
		"/sys/kernel/tracing/trace_pipe",
	};
	struct tree tree = make_tree();
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_true(root >= 0);
	lines.budget = LARGEST_ROOTED_FILE;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		assert_that(!rooted_begin(&lines, root, files[i]), "%s", files[i]);
	write_file(&tree, "empty", "");
	assert_false(rooted_begin(&lines, tree.root, "empty"));
	assert_int_equal(rooted_open_directory(root, "/proc"), -1);
	assert_int_equal(rooted_open_directory(root, "/proc/self/fd"), -1);
	assert_int_equal(lines.budget, LARGEST_ROOTED_FILE);
	close(root);
	end_tree(&tree);
}

TEST(a_magic_link_is_not_followed)
{
	struct tree tree = make_dpkg_tree();
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int list = openat(tree.root, "var/lib/dpkg/status", O_RDONLY | O_CLOEXEC);
	char path[64];

	assert_true(root >= 0 && list >= 0);
	lines.budget = LARGEST_ROOTED_FILE;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), list);
	assert_false(rooted_begin(&lines, root, path));
	close(list);
	close(root);
	end_tree(&tree);
}

/* ---- why nothing is known ---- */

static bool few_files;

/* What the `packages` row says of this very process. */
static const char *why_not(void)
{
	static const uint32_t processes[] = { 0 };
	struct source_request request = { 0 };
	struct snapshot snapshot = { 0 };
	int directory = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *why = NULL;
	struct process self = { .pid = (int32_t)getpid(),
				.executable = "/opt/no/program",
				.start_ticks = descriptors_start_ticks(directory) };
	struct rlimit limit, less;

	close(directory);
	snapshot_add_process(&snapshot, &self);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	less = limit;
	less.rlim_cur = few_files ? 3 : limit.rlim_cur;
	setrlimit(RLIMIT_NOFILE, &less);
	source_identify(&request, &snapshot, processes, 1);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(snapshot.source_count, 1);
	assert_false(snapshot.sources[0].used);
	assert_string_equal(snapshot.sources[0].name, "packages");
	why = snapshot.sources[0].why_not; /* a constant */
	snapshot_free(&snapshot);
	return why;
}

/* All lists of this machine are read. Where it has to get them from a disk first, that takes longer than is waited for. */
TEST(a_package_that_nobody_has_is_said_to_be_missing)
{
	const char *why = why_not();

	for (int again = 0; again < 10 && strstr(why, "within two seconds"); again++)
		why = why_not();
	assert_string_equal(why, "no package has the program that is named");
}

TEST(the_limit_of_open_files_is_said_to_be_in_the_way)
{
	few_files = true;
	assert_string_equal(why_not(), "no more files can be opened");
	few_files = false;
}

TEST(a_thread_that_cannot_be_started_is_said_to_be_missing)
{
	pthread_attr_t before, huge;

	assert_int_equal(pthread_getattr_default_np(&before), 0);
	assert_int_equal(pthread_attr_init(&huge), 0);
	assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 50), 0);
	assert_int_equal(pthread_setattr_default_np(&huge), 0);
	assert_string_equal(why_not(), "no thread can be started");
	assert_int_equal(pthread_setattr_default_np(&before), 0);
	pthread_attr_destroy(&huge);
	pthread_attr_destroy(&before);
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
	int error = 0;

	if (system("command -v rpm rpmbuild >/dev/null 2>&1") || geteuid())
		skip();
	tree = make_tree();
	assert_true(make_rpm_tree(&tree));
	snprintf(root, sizeof root, "%s/root", tree.path);
	assert_true(package_rpm(root, "/opt/leaky/leakd", &tree.package, &error));
	assert_package(&tree, "leaky", "2:1.5-7", "Example Vendor");
	assert_false(package_rpm(root, "/opt/leaky/other", &tree.package, &error));
	assert_package(&tree, NULL, NULL, NULL);
	unsetenv("HOME");
	end_tree(&tree);
}

TEST(where_rpm_has_no_database_none_is_made)
{
	struct tree tree = make_tree();
	int error = 0;

	assert_false(package_rpm(tree.path, "/opt/leaky/leakd", &tree.package, &error));
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
      cmocka_unit_test(a_hostile_database_costs_neither_memory_nor_time),
      cmocka_unit_test(what_follows_a_line_beyond_the_window_is_still_read),
      cmocka_unit_test(the_name_of_a_folder_that_is_cut_holds_nothing),
      cmocka_unit_test(reading_ends_with_the_budget),
      cmocka_unit_test(texts_are_cut_between_two_characters),
      cmocka_unit_test(a_package_without_a_name_is_none),
      cmocka_unit_test(files_that_only_look_like_files_are_not_opened),
      cmocka_unit_test(a_magic_link_is_not_followed),
      cmocka_unit_test(a_package_that_nobody_has_is_said_to_be_missing),
      cmocka_unit_test(the_limit_of_open_files_is_said_to_be_in_the_way),
      cmocka_unit_test(a_thread_that_cannot_be_started_is_said_to_be_missing),
      cmocka_unit_test(rpm_names_package_version_and_vendor),
      cmocka_unit_test(where_rpm_has_no_database_none_is_made));
