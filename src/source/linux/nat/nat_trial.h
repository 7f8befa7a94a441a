#pragma once

/*
 * Whether this kernel gives the NAT port of a TCP connection that is over to a new one when it finds
 * no other (Linux 6.12 does, 6.1 does not), by trying it in a private namespace that ends with the
 * trial. 1 yes, 0 no, -1 could not be tried.
 */
int nat_trial(void);
