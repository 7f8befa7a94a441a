#pragma once

struct snapshot;

/* Which machine this is: its name, its system and its kernel, into a snapshot that has nothing of it yet. What cannot be
 * learned is left NULL. */
void host_identify(struct snapshot *snapshot);
