#pragma once

struct reading;

/*
 * Source NAT in the namespace this thread is in: its connections and the rules that make them. Where
 * nothing is tracked that costs nothing.
 */
void nat_read(struct reading *reading);

/* What that cost in all, or why it was not done; only where it was asked for. */
void nat_report(struct reading *reading);
