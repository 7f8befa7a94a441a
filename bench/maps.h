#pragma once

#include <sys/types.h>

/*
 * What a process takes now, its BPF maps included, in KiB: what is resident of it outside of maps, and the
 * memory of the maps that it has open. Those that it has mapped are resident, too, from mmap() on: the
 * kernel puts all their pages in at once (Linux mm/vmalloc.c, remap_vmalloc_range()). 0 when it is gone.
 */
long maps_memory_kib(pid_t pid);
