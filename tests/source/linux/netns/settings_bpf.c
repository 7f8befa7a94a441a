#include "source/linux/netns/settings_bpf.h"

#include "base/error.h"
#include "snapshot/snapshot.h"
#include "source/linux/netns/settings.h"
#include "suite.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Settings by BPF against those that /proc/sys shows, in a namespace where all differ from what is usual. */
static void set(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof path, "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) /* not on this kernel */
		return;
	assert_true(dprintf(fd, "%s", value) > 0);
	close(fd);
}

static void set_all(void)
{
	set("ipv4/ip_local_port_range", "2222 44445");
	set("ipv4/ip_local_reserved_ports", "3000,3064-3130,44445");
	set("ipv4/tcp_tw_reuse", "1");
	set("ipv4/tcp_tw_reuse_delay", "2345");
	set("ipv4/tcp_timestamps", "2");
	set("ipv4/tcp_max_tw_buckets", "7654");
	set("ipv4/ip_autobind_reuse", "1");
	set("ipv4/ip_unprivileged_port_start", "81");
	set("ipv4/tcp_fin_timeout", "33");
	set("ipv4/tcp_syn_retries", "9");
	set("ipv4/tcp_syn_linear_timeouts", "3");
	set("ipv4/tcp_fastopen", "1027");
	set("ipv6/bindv6only", "1");
}

static uint64_t own_namespace(void)
{
	struct stat status;

	assert_int_equal(stat("/proc/self/ns/net", &status), 0);
	return status.st_ino;
}

static void assert_same(const struct netns_settings *one, const struct netns_settings *other)
{
	assert_int_equal(one->range.first, other->range.first);
	assert_int_equal(one->range.last, other->range.last);
	assert_int_equal(one->reserved_known, other->reserved_known);
	assert_int_equal(one->reserved.count, other->reserved.count);
	port_set_each(port, &one->reserved)
		assert_true(port_set_has(&other->reserved, (uint16_t)port));
	assert_int_equal(one->tw_reuse, other->tw_reuse);
	assert_int_equal(one->tw_reuse_delay_ms, other->tw_reuse_delay_ms);
	assert_int_equal(one->timestamps, other->timestamps);
	assert_int_equal(one->max_tw_buckets, other->max_tw_buckets);
	assert_int_equal(one->autobind_reuse, other->autobind_reuse);
	assert_int_equal(one->unprivileged_start, other->unprivileged_start);
	assert_int_equal(one->bindv6only, other->bindv6only);
	assert_int_equal(one->fin_timeout_s, other->fin_timeout_s);
	assert_int_equal(one->syn_retries, other->syn_retries);
	assert_int_equal(one->syn_linear_timeouts, other->syn_linear_timeouts);
	assert_int_equal(one->fastopen, other->fastopen);
}

static void compare(void)
{
	struct snapshot snapshot = { 0 };
	struct netns_settings by_bpf;
	struct settings_table *table;
	struct error error;
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	table = settings_bpf_read(&error);
	assert_that(table != NULL, "%s", error.text);
	assert_true(settings_table_find(table, own_namespace(), &by_bpf));
	snapshot_add_netns(&snapshot, &(struct netns){ .inode = own_namespace() });
	settings_read(&snapshot, 0, proc, NULL);
	assert_same(&by_bpf, &snapshot.namespaces[0].settings);
	port_set_free(&by_bpf.reserved);
	snapshot_free(&snapshot);
	settings_table_free(table);
	close(proc);
}

TEST(settings_by_bpf_are_those_of_the_files)
{
	compare();
}

TEST(settings_by_bpf_are_those_of_their_namespace)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	assert_int_equal(unshare(CLONE_NEWNET), 0);
	set_all();
	compare();
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	close(home);
}

TEST(a_namespace_that_is_not_there_has_no_settings)
{
	struct netns_settings settings;
	struct error error;
	struct settings_table *table = settings_bpf_read(&error);

	assert_that(table != NULL, "%s", error.text);
	assert_false(settings_table_find(table, 1, &settings));
	assert_false(settings_table_find(NULL, own_namespace(), &settings));
	settings_table_free(table);
}

SUITE(settings_bpf, cmocka_unit_test(settings_by_bpf_are_those_of_the_files),
      cmocka_unit_test(settings_by_bpf_are_those_of_their_namespace),
      cmocka_unit_test(a_namespace_that_is_not_there_has_no_settings), );
