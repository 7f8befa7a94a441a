#pragma once

struct diagnosis;

/*
 * Who uses how much: the destinations, pools and namespaces of a diagnosis, with their room and
 * the shares of their owners.
 */
void usage_collect(struct diagnosis *diagnosis);
