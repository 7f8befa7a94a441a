#pragma once

struct dossier;

/*
 * A file has been read: what the dates before its listings mean is told from all of them, and its points and listings that have
 * no time yet get one. Where the dates are ambiguous the points get at least the time since the first, if that is not.
 */
void stamps_settle(struct dossier *dossier);
