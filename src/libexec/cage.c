#include "libexec/cage.h"

#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* The user of whom nothing is (Linux kernel/sys.c, overflowuid); in a user namespace it may not be there. */
enum { NOBODY = 65534 };

static void become_nobody(void)
{
	if (geteuid())
		return;
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return; /* the other limits hold */
}

static void forbid(int resource)
{
	const struct rlimit nothing = { 0, 0 };

	(void)setrlimit((__rlimit_resource_t)resource, &nothing);
}

void cage_enter(void)
{
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	become_nobody();
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0,
		    0);	       /* becoming another clears it: prctl(2) */
	forbid(RLIMIT_NOFILE); /* no file and no socket any more */
	forbid(RLIMIT_FSIZE);
	forbid(RLIMIT_CORE);
#ifndef __SANITIZE_ADDRESS__ /* whose leak checker makes a thread */
	forbid(RLIMIT_NPROC);
#endif
}
