#pragma once

#include <stdbool.h>
#include <wchar.h>

/*
 * Whose a file is. %ProgramData% lets everybody make folders in it: what a process believes that has an administrator's rights
 * must be the administrators', and others must not be able to change it.
 */

/* What nobody else may do. */
enum trust_wish {
	TRUST_PRIVATE, /* open it at all, or what will be made in it */
	TRUST_CLOSED,  /* write to it in any way, or to what will be made in it */
	TRUST_HOLDS, /* of a folder: remove or replace what is in it; to put more beside that is no harm */
};

enum trust {
	TRUST_OURS, /* an administrator's, the system's or our own, and others may not do that */
	TRUST_OTHERS, /* somebody else's, or others may */
	TRUST_LINK,   /* it leads elsewhere, and may be turned at any time */
	TRUST_UNSEEN, /* GetLastError() */
};

enum trust trust_look(const wchar_t *path, enum trust_wish wish);

/* The same for a security descriptor, with its owner and its list of rights. */
bool trust_descriptor(void *descriptor, enum trust_wish wish);
