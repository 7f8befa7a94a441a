#pragma once

/*
 * How long connect() waits for an answer, in seconds, with these settings: net.ipv4.tcp_syn_retries
 * and tcp_syn_linear_timeouts (-1 or 0 where the kernel has none). For that long the port is held.
 * -1 if `retries` is not known. A program may have set its own limit (TCP_SYNCNT,
 * TCP_USER_TIMEOUT), which nobody else sees.
 */
int syn_timeout_s(int retries, int linear);
