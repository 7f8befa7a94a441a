#pragma once

/*
 * Tries what this kernel does, in a new and empty network namespace that is gone afterwards. `attempt`
 * returns 1 for yes, 0 for no, -1 if it could not be tried; so does this.
 *
 * In a process of its own, because without privilege the namespace needs a user namespace, which only
 * a process without other threads may enter, and because nothing that fails here can then leave the
 * caller in the wrong namespace.
 */
int own_namespace_try(int (*attempt)(void));
