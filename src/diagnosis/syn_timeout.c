#include "diagnosis/syn_timeout.h"

/*
 * Linux net/ipv4/tcp_timer.c. tcp_retransmit_timer(): the first timeout is a second;
 * after more than tcp_syn_linear_timeouts of them each next one is twice as long, 120 s at most.
 * tcp_write_timeout(): given up after retries + linear retransmissions, or, if that is earlier, when
 * as much time has passed as retries that double from the first would take, tcp_model_timeout().
 * Measured on 6.18: 6 retries of which 4 linear 131 s, 6 and 0 127 s, 3 and 4 19 s, 2 and 4 7 s,
 * up to 4 s later by the coarse timer wheel.
 */
enum { FIRST_TIMEOUT_S = 1, LONGEST_TIMEOUT_S = 120, RETRIES_MOST = 127 };

static int model_timeout_s(int retries)
{
	int timeout = FIRST_TIMEOUT_S, total = FIRST_TIMEOUT_S;

	for (int i = 0; i < retries; i++) {
		timeout = timeout > LONGEST_TIMEOUT_S / 2 ? LONGEST_TIMEOUT_S : 2 * timeout;
		total += timeout;
	}
	return total;
}

int syn_timeout_s(int retries, int linear)
{
	int timeout = FIRST_TIMEOUT_S, passed = FIRST_TIMEOUT_S, sent = 0;

	if (retries < 0)
		return -1;
	if (retries > RETRIES_MOST)
		retries = RETRIES_MOST;
	if (linear < 0)
		linear = 0;
	if (linear > RETRIES_MOST)
		linear = RETRIES_MOST;
	while (sent < retries + linear && !(sent && passed >= model_timeout_s(retries))) {
		sent++;
		if (sent > linear)
			timeout = timeout > LONGEST_TIMEOUT_S / 2 ? LONGEST_TIMEOUT_S :
								    2 * timeout;
		passed += timeout;
	}
	return passed;
}
