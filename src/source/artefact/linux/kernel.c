#include "source/artefact/linux/kernel.h"

enum { TIME_WAIT_MS = 60000, TIMER_PRECISION_MS = 8, OLD_KERNEL_DELAY_MS = 1000 };

enum socket_state kernel_tcp_state(unsigned kernel)
{
	static const enum socket_state states[] = {
		[1] = SOCKET_ESTABLISHED, [2] = SOCKET_SYN_SENT,   [3] = SOCKET_SYN_RECV,
		[4] = SOCKET_FIN_WAIT1,	  [5] = SOCKET_FIN_WAIT2,  [6] = SOCKET_TIME_WAIT,
		[7] = SOCKET_CLOSE,	  [8] = SOCKET_CLOSE_WAIT, [9] = SOCKET_LAST_ACK,
		[10] = SOCKET_LISTEN,	  [11] = SOCKET_CLOSING,   [12] = SOCKET_SYN_RECV,
	};

	return kernel && kernel < sizeof states / sizeof states[0] ? states[kernel] :
								     SOCKET_CLOSE;
}

/*
 * Linux net/ipv4/tcp_ipv4.c, tcp_twsk_unique(): with tcp_tw_reuse_delay the entry must be older
 * than that, in milliseconds; before, the clock's second must have changed since the entry's last
 * packet, so an entry younger than a second may or may not do.
 */
enum time_wait_age time_wait_age(const struct time_wait_rule *rule, uint32_t expires_ms)
{
	int64_t age = TIME_WAIT_MS - (int64_t)expires_ms;
	int64_t delay = rule->delay_ms < 0 ? OLD_KERNEL_DELAY_MS : rule->delay_ms;

	if (age > delay + TIMER_PRECISION_MS)
		return AGE_OLD;
	if (rule->delay_ms < 0 || age >= delay - TIMER_PRECISION_MS)
		return AGE_UNCERTAIN;
	return AGE_YOUNG;
}

enum time_wait_age time_wait_age_within(const struct time_wait_rule *rule, uint32_t expires_ms,
					uint32_t slack_ms)
{
	const enum time_wait_age oldest = time_wait_age(rule, expires_ms);
	const enum time_wait_age youngest = time_wait_age(rule, expires_ms + slack_ms);

	return oldest == youngest ? oldest : AGE_UNCERTAIN;
}
