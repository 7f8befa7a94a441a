#pragma once

/* The errno that says the same as an error of the system about files (GetLastError()); EIO: none does. */
int file_errno(unsigned long number);
