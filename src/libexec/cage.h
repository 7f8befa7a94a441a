#pragma once

/*
 * Before a byte of the file is looked at: from now on this program opens nothing, starts nothing and is nobody, so that a
 * file made to take hold of it has taken hold of little. What portroom has limited already (memory, time, the size of files
 * that are written: source/evidence/helper.c) stays so.
 */
void cage_enter(void);
