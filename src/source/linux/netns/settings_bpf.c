#include "source/linux/netns/settings_bpf.h"

#include "base/arena.h"
#include "base/language.h"
#include "snapshot/netns.h"
#include "source/linux/bpf/run.h"
#include "source/linux/bpf/support.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

struct settings_row {
	uint32_t inode;
	struct netns_settings settings;
};

struct settings_table {
	struct settings_row *rows; /* in the order of the kernel's list, newest last */
	size_t count, capacity;
};

#ifdef HAVE_BPF

#include <settings-cast.skel.h>
#include <settings-probe.skel.h>

static struct settings_row *find_row(const struct settings_table *table, uint32_t inode)
{
	for (size_t i = table->count; i--;)
		if (table->rows[i].inode == inode)
			return &table->rows[i];
	return NULL;
}

static void take_settings(struct settings_table *table, const struct seen_settings *seen)
{
	array_reserve(table->rows, table->count, table->capacity);
	table->rows[table->count++] = (struct settings_row){
		.inode = seen->netns,
		.settings = {
			.range = { seen->range_first, seen->range_last },
			.reserved_known = true,
			.tw_reuse = seen->tw_reuse,
			.tw_reuse_delay_ms = seen->tw_reuse_delay_ms,
			.timestamps = seen->timestamps,
			.max_tw_buckets = seen->max_tw_buckets,
			.autobind_reuse = seen->autobind_reuse,
			.unprivileged_start = seen->unprivileged_start,
			.bindv6only = seen->bindv6only,
			.fin_timeout_s = seen->fin_timeout_s,
			.syn_retries = seen->syn_retries,
			.syn_linear_timeouts = seen->syn_linear_timeouts,
			.fastopen = seen->fastopen,
		},
	};
}

/* They follow their namespace. */
static void take_reserved(struct settings_table *table, const struct seen_reserved *seen)
{
	struct settings_row *row = find_row(table, seen->netns);

	for (unsigned bit = 0; row && bit < 64; bit++)
		if (seen->ports & UINT64_C(1) << bit)
			port_set_add(&row->settings.reserved, (uint16_t)(seen->first + bit));
}

static void take(struct settings_table *table, const union seen *records, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (records[i].kind == SEEN_SETTINGS)
			take_settings(table, &records[i].settings);
		else if (records[i].kind == SEEN_RESERVED)
			take_reserved(table, &records[i].reserved);
}

static int run(struct settings_table *table, int program, int map, u32 slot_records,
	       const volatile struct walk_progress *progress)
{
	size_t size = slot_records * sizeof(union seen);
	const u64 arguments[4] = { 0 };
	void *records = mmap(NULL, size, PROT_READ, MAP_SHARED, map, 0);
	int result;

	if (records == MAP_FAILED)
		return -1;
	result = bpf_run(program, arguments);
	if (!result && progress->lost) {
		errno = ENOSPC;
		result = -1;
	}
	if (!result)
		take(table, records, progress->records);
	munmap(records, size);
	return result;
}

#define READER(way)                                                                           \
	static int read_##way(struct settings_table *table)                                   \
	{                                                                                     \
		struct settings_##way *skeleton = settings_##way##__open();                   \
		int result, failed;                                                           \
                                                                                              \
		if (!skeleton)                                                                \
			return -1;                                                            \
		skeleton->rodata->slot_records = WALK_SLOT_MOST;                              \
		skeleton->rodata->ticks_per_second = bpf_ticks_per_second();                  \
		skeleton->maps.records.max_entries = WALK_SLOT_MOST;                          \
		result = settings_##way##__load(skeleton) ?                                   \
				 -1 :                                                         \
				 run(table, skeleton->progs.read_settings.prog_fd,            \
				     skeleton->maps.records.map_fd, WALK_SLOT_MOST,           \
				     &skeleton->bss->settings_progress);                      \
		failed = errno;                                                               \
		settings_##way##__destroy(skeleton);                                          \
		errno = failed;                                                               \
		return result;                                                                \
	}

READER(cast)
READER(probe)

struct settings_table *settings_bpf_read(struct error *error)
{
	struct settings_table *table = memory_zeroed(1, sizeof *table);

	if (!read_cast(table) || !read_probe(table))
		return table;
	bpf_refusal(error, errno);
	settings_table_free(table);
	return NULL;
}

bool settings_table_find(const struct settings_table *table, uint64_t inode,
			 struct netns_settings *settings)
{
	const struct settings_row *row = table ? find_row(table, (uint32_t)inode) : NULL;

	if (!row || !row->settings.range.first ||
	    row->settings.range.last < row->settings.range.first)
		return false;
	*settings = row->settings;
	settings->reserved = (struct port_set){ 0 };
	port_set_add_all(&settings->reserved, &row->settings.reserved);
	return true;
}

#else

struct settings_table *settings_bpf_read(struct error *error)
{
	error_set(error, "%s", bpf_obstacle());
	return NULL;
}

bool settings_table_find(const struct settings_table *table, uint64_t inode,
			 struct netns_settings *settings)
{
	(void)table, (void)inode, (void)settings;
	return false;
}

#endif

void settings_table_free(struct settings_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->count; i++)
		port_set_free(&table->rows[i].settings.reserved);
	free(table->rows);
	free(table);
}
