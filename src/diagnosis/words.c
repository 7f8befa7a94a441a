#include "diagnosis/words.h"

#include "base/language.h"
#include "base/text.h"
#include "diagnosis/diagnosis.h"

#include <string.h>

const char *words_count(struct diagnosis *diagnosis, uint64_t count)
{
	char digits[32];

	return arena_copy(&diagnosis->arena, text_grouped(digits, count));
}

const char *words_ports(struct diagnosis *diagnosis, uint64_t count)
{
	char digits[32];

	return arena_print(&diagnosis->arena, P_("%s port", "%s ports", (unsigned long)count),
			   text_grouped(digits, count));
}

/* The first of them, where there are so many that a title would be nothing else. */
static const char *print_services(struct diagnosis *diagnosis, const char *services)
{
	enum { MOST_BYTES = 60 };
	int length = MOST_BYTES;

	if (strlen(services) <= MOST_BYTES)
		return services;
	while (length && services[length] != ',')
		length--;
	return length ?
		       arena_print(&diagnosis->arena, _("%.*s and others"), length, services) :
		       services;
}

const char *words_process(struct diagnosis *diagnosis, int64_t index)
{
	const struct process *process;

	if (index < 0)
		return _("nobody");
	process = &diagnosis->snapshot->processes[index];
	if (!process->pid)
		return arena_print(&diagnosis->arena, _("%s, in another pid namespace"),
				   process->name ? process->name : _("a process"));
	if (!process->name)
		return arena_print(&diagnosis->arena, _("pid %d"), process->pid);
	/* Many processes of Windows have one name, svchost.exe, and differ by the services in them. */
	if (process->unit && diagnosis->snapshot->windows)
		return arena_print(&diagnosis->arena, _("%s (%s), pid %d"), process->name,
				   print_services(diagnosis, process->unit), process->pid);
	return arena_print(&diagnosis->arena, _("%s, pid %d"), process->name, process->pid);
}

const char *words_time(struct diagnosis *diagnosis, int64_t time_ms)
{
	enum { DATE = 10, TIME = 8 };
	char text[32];

	text_time(text, time_ms);
	return arena_print(&diagnosis->arena, _("%.*s %.*s UTC"), DATE, text, TIME,
			   text + DATE + 1);
}

/* Two units at most: who plans in days does not care for minutes. */
const char *words_duration(struct diagnosis *diagnosis, uint64_t seconds)
{
	unsigned long long days = seconds / 86400, hours = seconds / 3600 % 24;
	unsigned long long minutes = seconds / 60 % 60;

	if (seconds < 60)
		return arena_print(&diagnosis->arena, _("%llu s"),
				   (unsigned long long)seconds);
	if (seconds < 3600)
		return arena_print(&diagnosis->arena, _("%llu min"), minutes);
	if (!days)
		return arena_print(&diagnosis->arena, _("%llu h %llu min"), hours, minutes);
	return arena_print(&diagnosis->arena,
			   P_("%llu day %llu h", "%llu days %llu h", (unsigned long)days),
			   days, hours);
}

const char *words_room(struct diagnosis *diagnosis, const struct capacity *capacity)
{
	if (!capacity->room_max)
		return _("no room");
	if (capacity->room_min == capacity->room_max)
		return arena_print(&diagnosis->arena, _("%s left"),
				   words_ports(diagnosis, capacity->room_max));
	return arena_print(&diagnosis->arena, _("%s to %s left"),
			   words_count(diagnosis, capacity->room_min),
			   words_ports(diagnosis, capacity->room_max));
}

const char *words_used(struct diagnosis *diagnosis, const struct capacity *capacity)
{
	const char *least = words_count(diagnosis, capacity->eligible - capacity->room_max);

	if (capacity->room_min == capacity->room_max)
		return least;
	return arena_print(&diagnosis->arena, _("%s to %s"), least,
			   words_count(diagnosis, capacity->eligible - capacity->room_min));
}
