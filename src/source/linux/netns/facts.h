#pragma once

struct reading;

/*
 * What can only be read from inside of a namespace: its settings and counters, the addresses of this host
 * there, how its calls are routed, its source NAT. Of the namespace that this thread is in, which is reading->netns.
 */
void facts_read(struct reading *reading);
