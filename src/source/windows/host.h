#pragma once

struct snapshot;

/* The machine's name, "windows" and its version; the time; one namespace, which Windows calls nothing and is all there is. */
void host_describe(struct snapshot *snapshot);
