#pragma once

/*
 * Functions of the system that not every Windows has, or that no header names, are found when they are needed: so the program
 * starts everywhere, and what is absent is absent and not zero. Only the system's own folder is looked in: whoever can write
 * beside the program must not be able to put a library of the same name there.
 */

/* "wevtapi.dll", "EvtQuery"; NULL: there is none. Libraries stay loaded. */
void (*library_function(const char *library, const char *name))(void);

/* Fills the pointer, of whichever type, and says whether it did. */
#define library_find(pointer, library, name)                                                  \
	(((pointer) = (__typeof__(pointer))library_function((library), (name))) != NULL)
