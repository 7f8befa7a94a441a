#include "source/linux/process/cgroup.h"

#include "base/arena.h"

#include "suite.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD "6f1ed8a2-0d2a-4f2b-9e4c-1f2e3d4c5b6a"
#define POD_UNDERSCORES "6f1ed8a2_0d2a_4f2b_9e4c_1f2e3d4c5b6a"

static void assert_text(const char *path, const char *what, const char *is,
			const char *expected)
{
	assert_that(!is == !expected, "%s is %s in %s", what, is ? is : "not found", path);
	if (is)
		assert_string_equal(is, expected);
}

static void assert_names(const char *text, struct cgroup_names expected)
{
	struct arena arena = { 0 };
	struct cgroup_names names = cgroup_read(&arena, text);

	assert_text(text, "unit", names.unit, expected.unit);
	assert_text(text, "container", names.container, expected.container);
	assert_text(text, "pod", names.pod, expected.pod);
	assert_int_equal(names.user_unit, expected.user_unit);
	arena_free(&arena);
}

#define assert_cgroup(text, ...) assert_names(text, (struct cgroup_names){ __VA_ARGS__ })

TEST(a_systemd_service_is_a_unit)
{
	assert_cgroup("0::/system.slice/nginx.service\n", .unit = "nginx.service");
	assert_cgroup("0::/system.slice/system-getty.slice/getty@tty1.service\n",
		      .unit = "getty@tty1.service");
	assert_cgroup("0::/init.scope\n", .unit = "init.scope");
	assert_cgroup("0::/user.slice/user-1000.slice/session-3.scope\n",
		      .unit = "session-3.scope");
}

TEST(the_innermost_unit_counts)
{
	assert_cgroup(
		"0::/user.slice/user-1000.slice/user@1000.service/app.slice/sync.service\n",
		.unit = "sync.service", .user_unit = true);
	assert_cgroup("0::/system.slice/nginx.service/workers\n", .unit = "nginx.service");
}

TEST(a_path_without_names_has_none)
{
	assert_cgroup("0::/\n", .unit = NULL);
	assert_cgroup("0::/user.slice\n", .unit = NULL);
	assert_cgroup("", .unit = NULL);
	assert_cgroup("\n\n", .unit = NULL);
	assert_cgroup("nothing", .unit = NULL);
	assert_cgroup("0:/system.slice/nginx.service\n", .unit = NULL);
	assert_cgroup("0::/.service\n", .unit = NULL);
}

TEST(docker_by_either_driver_is_a_container)
{
	assert_cgroup("0::/system.slice/docker-" ID ".scope\n", .container = ID);
	assert_cgroup("0::/docker/" ID "\n", .container = ID);
	assert_cgroup("0::/docker/" ID "/init.scope\n", .container = ID, .unit = "init.scope");
}

TEST(containerd_and_crio_in_kubernetes_are_a_container_in_a_pod)
{
	assert_cgroup("0::/kubepods.slice/kubepods-besteffort.slice/"
		      "kubepods-besteffort-pod" POD_UNDERSCORES ".slice/"
		      "cri-containerd-" ID ".scope\n",
		      .container = ID, .pod = POD);
	assert_cgroup("0::/kubepods.slice/kubepods-burstable.slice/"
		      "kubepods-burstable-pod" POD_UNDERSCORES ".slice/crio-" ID ".scope\n",
		      .container = ID, .pod = POD);
	assert_cgroup("0::/kubepods.slice/kubepods-pod" POD_UNDERSCORES ".slice/"
		      "cri-containerd-" ID ".scope\n",
		      .container = ID, .pod = POD);
}

TEST(the_kubelets_cgroupfs_driver_is_read_too)
{
	assert_cgroup("0::/kubepods/besteffort/pod" POD "/" ID "\n", .container = ID,
		      .pod = POD);
	assert_cgroup("0::/kubepods/pod" POD "/" ID "\n", .container = ID, .pod = POD);
}

/* What containerd makes where the kubelet uses systemd and containerd itself does not. */
TEST(a_container_behind_colons_is_read)
{
	assert_cgroup(
		"0::/system.slice/containerd.service/kubepods-besteffort-pod" POD_UNDERSCORES
		".slice:cri-containerd:" ID "\n",
		.container = ID, .pod = POD, .unit = "containerd.service");
}

TEST(podman_with_and_without_root_is_a_container)
{
	assert_cgroup("0::/machine.slice/libpod-" ID ".scope/container\n", .container = ID);
	assert_cgroup("0::/user.slice/user-1000.slice/user@1000.service/user.slice/"
		      "libpod-" ID ".scope/container\n",
		      .container = ID, .unit = "user@1000.service", .user_unit = true);
}

TEST(all_lines_of_version_1_are_read)
{
	assert_cgroup("12:cpu,cpuacct:/\n"
		      "3:memory:/docker/" ID "\n"
		      "1:name=systemd:/docker/" ID "\n",
		      .container = ID);
	assert_cgroup("11:pids:/system.slice/cron.service\n"
		      "1:name=systemd:/system.slice/cron.service\n"
		      "0::/system.slice/cron.service\n",
		      .unit = "cron.service");
	assert_cgroup("4:memory:/kubepods/burstable/pod" POD "/" ID "\n"
		      "1:name=systemd:/kubepods/burstable/pod" POD "/" ID "\n",
		      .container = ID, .pod = POD);
}

TEST(the_last_line_may_lack_its_end)
{
	assert_cgroup("0::/system.slice/nginx.service", .unit = "nginx.service");
}

TEST(hexadecimal_text_of_another_length_is_no_container)
{
	assert_cgroup("0::/docker/0123456789abcdef\n", .unit = NULL);
	assert_cgroup("0::/docker/" ID "0\n", .unit = NULL);
	assert_cgroup("0::/docker/x" ID "\n", .unit = NULL);
	assert_cgroup("0::/system.slice/docker-0123.scope\n", .unit = "docker-0123.scope");
}

TEST(pod_is_not_found_inside_other_words)
{
	assert_cgroup("0::/system.slice/podman.service\n", .unit = "podman.service");
	assert_cgroup("0::/kubepods/pod123\n", .unit = NULL);
	assert_cgroup("0::/tripod" POD "\n", .unit = NULL);
}

SUITE(cgroup, cmocka_unit_test(a_systemd_service_is_a_unit),
      cmocka_unit_test(the_innermost_unit_counts),
      cmocka_unit_test(a_path_without_names_has_none),
      cmocka_unit_test(docker_by_either_driver_is_a_container),
      cmocka_unit_test(containerd_and_crio_in_kubernetes_are_a_container_in_a_pod),
      cmocka_unit_test(the_kubelets_cgroupfs_driver_is_read_too),
      cmocka_unit_test(a_container_behind_colons_is_read),
      cmocka_unit_test(podman_with_and_without_root_is_a_container),
      cmocka_unit_test(all_lines_of_version_1_are_read),
      cmocka_unit_test(the_last_line_may_lack_its_end),
      cmocka_unit_test(hexadecimal_text_of_another_length_is_no_container),
      cmocka_unit_test(pod_is_not_found_inside_other_words), );
