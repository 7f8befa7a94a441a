#include "command/ending.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>

int ending_catch(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t caught;

	sigemptyset(&caught);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		struct sigaction action;

		if (!sigaction(numbers[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&caught, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &caught, NULL);
	return signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool ending_was_asked(int signals)
{
	struct pollfd pending = { .fd = signals, .events = POLLIN };

	return signals >= 0 && poll(&pending, 1, 0) > 0;
}
