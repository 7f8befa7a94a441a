#include "system/ending.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>

struct ending {
	int signals;
};

const struct ending *ending_catch(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	static struct ending ending;
	sigset_t caught;

	sigemptyset(&caught);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		struct sigaction action;

		if (!sigaction(numbers[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&caught, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &caught, NULL);
	ending.signals = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	return ending.signals < 0 ? NULL : &ending;
}

bool ending_was_asked(const struct ending *ending)
{
	struct pollfd pending = { .fd = ending ? ending->signals : -1, .events = POLLIN };

	return poll(&pending, 1, 0) > 0;
}

intptr_t ending_handle(const struct ending *ending)
{
	return ending ? ending->signals : -1;
}
