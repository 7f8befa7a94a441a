#pragma once

/*
 * What an error number of Windows (GetLastError(), the result of a call) means, for people: in our language where it is one
 * that portroom meets often, else in the system's own words, always with the number. Valid until the next call of the same
 * thread.
 */
const char *error_text(unsigned long number);
