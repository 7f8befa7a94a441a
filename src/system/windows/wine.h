#pragma once

/* "8.0": that it is Wine and no Windows; NULL: Windows. What Wine does otherwise is told where it is minded. */
const char *wine_version(void);
