#include "diagnosis/words.h"

#include "base/text.h"
#include "diagnosis/diagnosis.h"

const char *words_count(struct diagnosis *diagnosis, uint64_t count)
{
	char digits[32];

	return arena_copy(&diagnosis->arena, text_grouped(digits, count));
}

const char *words_ports(struct diagnosis *diagnosis, uint64_t count)
{
	char digits[32];

	return arena_print(&diagnosis->arena, "%s port%s", text_grouped(digits, count),
			   count == 1 ? "" : "s");
}

const char *words_process(struct diagnosis *diagnosis, int64_t index)
{
	const struct process *process;

	if (index < 0)
		return "nobody";
	process = &diagnosis->snapshot->processes[index];
	if (!process->name)
		return arena_print(&diagnosis->arena, "pid %d", process->pid);
	return arena_print(&diagnosis->arena, "%s, pid %d", process->name, process->pid);
}

const char *words_room(struct diagnosis *diagnosis, const struct capacity *capacity)
{
	if (!capacity->room_max)
		return "no room";
	if (capacity->room_min == capacity->room_max)
		return arena_print(&diagnosis->arena, "%s left",
				   words_ports(diagnosis, capacity->room_max));
	return arena_print(&diagnosis->arena, "%s to %s left",
			   words_count(diagnosis, capacity->room_min),
			   words_ports(diagnosis, capacity->room_max));
}

const char *words_used(struct diagnosis *diagnosis, const struct capacity *capacity)
{
	const char *least = words_count(diagnosis, capacity->eligible - capacity->room_max);

	if (capacity->exact)
		return least;
	return arena_print(&diagnosis->arena, "%s to %s", least,
			   words_count(diagnosis, capacity->eligible - capacity->room_min));
}
