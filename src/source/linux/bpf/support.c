#include "source/linux/bpf/support.h"

#include "base/error.h"
#include "base/language.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The programs are fitted to the running kernel by what it tells of its types. */
static const char type_information[] = "/sys/kernel/btf/vmlinux";

#ifdef HAVE_BPF
static bool has_capability(unsigned number)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[number / 32].effective & UINT32_C(1) << number % 32;
}
#endif

const char *bpf_obstacle(void)
{
#ifdef HAVE_BPF
	struct stat status;

	/* CAP_SYS_ADMIN stands for both (capabilities(7)). */
	if (!has_capability(CAP_SYS_ADMIN)) {
		if (!has_capability(CAP_BPF))
			return _("no privilege to use BPF (CAP_BPF)");
		if (!has_capability(CAP_PERFMON))
			return _("no privilege to read kernel memory by BPF (CAP_PERFMON)");
	}
	if (stat(type_information, &status) || !status.st_size)
		return _("this kernel does not describe its types (/sys/kernel/btf/vmlinux)");
	return NULL;
#else
	(void)type_information;
	return _("this portroom was built without BPF");
#endif
}

void bpf_refusal(struct error *error, int failed)
{
	if (failed == EPERM || failed == EACCES)
		error_set(error,
			  _("bpf() is refused (by a filter of system calls, or a locked-down "
			    "kernel)"));
	else if (failed == EMFILE || failed == ENFILE || failed == ENOMEM)
		error_set(error, _("the BPF program cannot be loaded: %s"),
			  language_errno(failed));
	else
		error_set(error, _("this kernel does not take the BPF program: %s"),
			  language_errno(failed));
}
