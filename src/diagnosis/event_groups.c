#include "diagnosis/event_groups.h"

#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool is_alike(const struct event *a, const struct event *b)
{
	return a->source == b->source && a->kind.message == b->kind.message &&
	       a->kind.topic == b->kind.topic && a->kind.counter == b->kind.counter &&
	       a->netns == b->netns && same_text(a->process.name, b->process.name) &&
	       same_text(a->process.unit, b->process.unit) &&
	       same_text(a->process.container, b->process.container);
}

static struct event *find(struct event_groups *groups, const struct event *event)
{
	for (size_t i = 0; i < groups->count; i++)
		if (is_alike(&groups->events[i], event))
			return &groups->events[i];
	return NULL;
}

static void add(struct event_groups *groups, const struct event *event)
{
	struct event *added;

	if (groups->count == EVENT_GROUPS_MOST) {
		groups->rest += event->count;
		return;
	}
	array_reserve(groups->events, groups->count, groups->capacity);
	added = &groups->events[groups->count++];
	*added = *event;
	added->process.name = arena_copy(&groups->arena, event->process.name);
	added->process.unit = arena_copy(&groups->arena, event->process.unit);
	added->process.container = arena_copy(&groups->arena, event->process.container);
	added->netns_name = arena_copy(&groups->arena, event->netns_name);
}

void event_groups_take(struct event_groups *groups, const struct event *event)
{
	struct event *known = find(groups, event);

	if (!known) {
		add(groups, event);
		return;
	}
	known->count += event->count;
	if (event->first_ms < known->first_ms)
		known->first_ms = event->first_ms;
	if (event->last_ms <= known->last_ms)
		return;
	known->last_ms = event->last_ms;
	known->process.pid = event->process.pid;
	known->process.user = event->process.user;
	memcpy(known->text, event->text, sizeof known->text);
}

static int by_time(const void *a, const void *b)
{
	const struct event *left = a, *right = b;

	if (!left->last_ms != !right->last_ms)
		return left->last_ms ? -1 : 1;
	if (left->last_ms != right->last_ms)
		return left->last_ms < right->last_ms ? -1 : 1;
	if (left->first_ms != right->first_ms)
		return left->first_ms < right->first_ms ? -1 : 1;
	if (left->netns != right->netns)
		return left->netns < right->netns ? -1 : 1;
	return strcmp(event_name(&left->kind), event_name(&right->kind));
}

void event_groups_sort(struct event_groups *groups)
{
	if (groups->count)
		qsort(groups->events, groups->count, sizeof *groups->events, by_time);
}

void event_groups_free(struct event_groups *groups)
{
	free(groups->events);
	arena_free(&groups->arena);
	*groups = (struct event_groups){ 0 };
}
