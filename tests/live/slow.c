#include <sys/utsname.h>
#include <unistd.h>

/* Preloaded, it makes a program wait that asks for the system's name: a machine on which nothing
 * comes back. */
int uname(struct utsname *name)
{
	(void)name;
	sleep(30);
	return -1;
}
