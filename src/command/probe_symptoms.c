#include "command/probe_symptoms.h"

#include "base/arena.h"
#include "base/language.h"
#include "source/services.h"

#include <string.h>

void probe_goals_add(struct probe_goals *goals, const struct probe_goal *goal)
{
	array_reserve(goals->items, goals->count, goals->capacity);
	goals->items[goals->count++] = *goal;
}

static const char *group_title(enum service_kind kind)
{
	static const char *const titles[SERVICE_KIND_COUNT] = {
		[SERVICE_NAMES] = N_("name service"),
		[SERVICE_DIRECTORY] = N_("directory"),
		[SERVICE_FILES] = N_("file shares"),
		[SERVICE_LOGIN] = N_("remote login"),
		[SERVICE_WEB] = N_("web"),
	};

	return _(titles[kind]);
}

/* "fe80::1%eth0" */
static void take_zone(struct arena *arena, struct probe_goal *target, const char *host)
{
	size_t length = strcspn(host, "%");

	if (!address_parse(arena_copy_length(arena, host, length), &target->address))
		target->address = (struct address){ 0 };
	else if (host[length])
		target->interface = arena_copy(arena, host + length + 1);
}

static void add_service(struct probe_goals *goals, struct arena *arena,
			const struct service *service)
{
	struct probe_goal target = {
		.group = group_title(service->kind),
		.port = service->port,
		.protocol = service->protocol,
		.from = arena_copy(arena, service->from),
		.text = arena_print(arena, strchr(service->host, ':') ? "[%s]:%u" : "%s:%u",
				    service->host, service->port),
	};

	take_zone(arena, &target, service->host);
	if (!target.address.family)
		target.host = arena_copy(arena, service->host);
	probe_goals_add(goals, &target);
}

static bool has_directory(const struct probe_goals *goals)
{
	const char *title = group_title(SERVICE_DIRECTORY);

	for (size_t i = 0; i < goals->count; i++)
		if (goals->items[i].group && !strcmp(goals->items[i].group, title))
			return true;
	return false;
}

size_t probe_symptoms_add(struct probe_goals *goals, struct arena *arena,
			  const char *notes[PROBE_SYMPTOMS_NOTES])
{
	struct services services;
	size_t count = 0;

	services_read(&services);
	for (int kind = 0; kind < SERVICE_KIND_COUNT; kind++)
		for (size_t i = 0; i < services.count; i++)
			if ((int)services.items[i].kind == kind)
				add_service(goals, arena, &services.items[i]);
	for (size_t i = 0; i < services.note_count; i++)
		notes[count++] = arena_copy(arena, services.notes[i]);
	if (services.directory_unread)
		notes[count++] = _("the directory is configured in files that only root may "
				   "read; run as root to try it");
	services_free(&services);
	if (has_directory(goals))
		notes[count++] =
			_("a logon that fails may still seem to work: credentials are "
			  "cached (SSSD, Windows); try one that is not");
	if (!goals->count)
		notes[count++] = _("no name server, directory, file share, remote login "
				   "or proxy is configured here");
	return count;
}
