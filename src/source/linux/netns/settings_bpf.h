#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct netns_settings;
struct settings_table;

/*
 * The settings of all network namespaces at once, by BPF: worth it where there are many of them. NULL with
 * the reason where that cannot be had. To be freed by settings_table_free().
 */
struct settings_table *settings_bpf_read(struct error *error);

/* False if the namespace is not among them, or its range was not found. Takes `settings` by value: its port
 * set is a copy. */
bool settings_table_find(const struct settings_table *table, uint64_t inode,
			 struct netns_settings *settings);

void settings_table_free(struct settings_table *table);
