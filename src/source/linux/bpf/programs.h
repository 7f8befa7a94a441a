#pragma once

#include "source/linux/bpf/walk.h"

/*
 * The programs of the walks, loaded: bpf/tables.bpf.c and bpf/descriptors.bpf.c. For walk.c, and its test.
 */

/* The programs of one file. */
struct bpf_programs {
	/* How, of the ways in meson.build: "cast", or "probe" where the kernel refused that. */
	const char *built;
	void *skeleton;
	void (*destroy)(void *skeleton);
	int records_map;
	const union seen *records; /* mapped */
	u32 slots, slot_records;
};

struct bpf_walk {
	struct bpf_programs tables, descriptors;
	int descriptors_failed; /* errno of loading them, 0: none */
	bool ask_ahead, misled;
	int find_namespaces, walk_table[4], learn_files, walk_descriptors;
	const volatile struct walk_progress *progress, *descriptor_progress;
	const volatile u64 *udp_table;
};

/* 0, or -1 with errno set; bpf_programs_unload() ends it in both cases. */
int bpf_programs_load(struct bpf_walk *walk, u32 slot_records,
		      const struct bpf_walk_options *options);
void bpf_programs_unload(struct bpf_walk *walk);
