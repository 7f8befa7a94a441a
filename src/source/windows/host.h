#pragma once

struct snapshot;

/* The machine's name, which Windows it is and its build, the time, and whether we are an administrator. snapshot->windows is
 * there. */
void host_describe(struct snapshot *snapshot);

/* "Windows 10 Pro 22H2": the registry's name of it, which still says 10 of Windows 11, set right by the build. In static
 * memory. */
const char *host_system_of(const char *product, const char *release, unsigned build);
