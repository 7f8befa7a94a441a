#include "source/artefact/etl/names.h"

#include "source/artefact/etl/bytes.h"
#include "source/artefact/etl/event.h"

#include <stdlib.h>

enum { MOST = 1 << 16, LONGEST = 64, STARTED = 1, RUNS = 15 };
enum { MOST_MEMORY = 4 << 20 };

/* What is behind the last backslash, in UTF-8; halves of pairs become U+FFFD. Not all of a long one. */
static size_t read_name(struct etw_payload *payload, char name[4 * LONGEST])
{
	size_t length = 0, units = 0;

	while (units++ < 1024) {
		unsigned unit = etw_u16(payload);

		if (!unit || payload->short_of)
			return length;
		if (unit == '\\') {
			length = 0;
			continue;
		}
		if (length + 4 > (size_t)4 * LONGEST)
			continue;
		if (unit >= 0xd800 && unit < 0xe000)
			unit = 0xfffd;
		if (unit >= 0x800) {
			name[length++] = (char)(0xe0 | unit >> 12);
			name[length++] = (char)(0x80 | (unit >> 6 & 0x3f));
			name[length++] = (char)(0x80 | (unit & 0x3f));
		} else if (unit >= 0x80) {
			name[length++] = (char)(0xc0 | unit >> 6);
			name[length++] = (char)(0x80 | (unit & 0x3f));
		} else {
			name[length++] = (char)unit;
		}
	}
	return length;
}

static void put(struct names *names, uint32_t pid, const char *name, size_t length)
{
	struct indexed items;
	size_t at;

	if (names->count == MOST || names->arena.allocated > MOST_MEMORY)
		names_free(names);
	items = (struct indexed){ names->items, names->count, sizeof *names->items,
				  sizeof pid };
	at = index_find_or_add(&names->index, &items, &pid);
	if (at == names->count) {
		array_reserve(names->items, names->count, names->capacity);
		names->items[names->count++] = (struct name_of){ .pid = pid };
	}
	names->items[at].name = arena_copy_length(&names->arena, name, length);
}

/* pid, time it was created, pid of its parent, session; flags but in version 0 of ProcessStart; its image. */
void names_add(struct names *names, const struct etw_event *event)
{
	struct etw_payload payload = etw_payload_of(event);
	char name[4 * LONGEST];
	uint32_t pid;
	size_t length;

	if (!(event->id == STARTED && event->version <= 2) &&
	    !(event->id == RUNS && event->version == 0))
		return;
	pid = etw_u32(&payload);
	etw_u64(&payload);
	etw_u32(&payload);
	etw_u32(&payload);
	if (event->id == RUNS || event->version)
		etw_u32(&payload);
	length = read_name(&payload, name);
	if (pid && length)
		put(names, pid, name, length);
}

const char *names_of(const struct names *names, uint32_t pid)
{
	const struct indexed items = { names->items, names->count, sizeof *names->items,
				       sizeof pid };
	size_t at = index_find(&names->index, &items, &pid);

	return at < names->count ? names->items[at].name : NULL;
}

void names_free(struct names *names)
{
	index_free(&names->index);
	free(names->items);
	arena_free(&names->arena);
	*names = (struct names){ 0 };
}
