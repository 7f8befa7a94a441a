#include "measure.h"

enum { LIMIT = 300 };

struct measured measure(const struct plan *plan)
{
	struct measured measured = { 0 };
	int fds[LIMIT];

	while (measured.successes < LIMIT) {
		const int fd = sockets_open(plan);

		if (fd < 0) {
			measured.error = -fd;
			break;
		}
		fds[measured.successes++] = fd;
	}
	for (unsigned i = 0; i < measured.successes; i++)
		sockets_reset(fds[i]);
	return measured;
}
