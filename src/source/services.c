#include "source/services.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_SERVICES = 200 };

void services_add(struct services *services, struct service service)
{
	if (!service.host || !*service.host || services->count >= MOST_SERVICES)
		return;
	for (size_t i = 0; i < services->count; i++) {
		const struct service *known = &services->items[i];

		if (known->kind == service.kind && known->port == service.port &&
		    known->protocol == service.protocol && !strcmp(known->host, service.host))
			return;
	}
	array_reserve(services->items, services->count, services->capacity);
	services->items[services->count++] = service;
}

/* "ldap://10.0.0.1:389/dc=x", "host:88", "[2001:db8::1]:88", "host": the host, and the port if it names one. */
static struct service parse_host(struct services *services, const char *text, uint16_t port)
{
	struct service service = { .port = port };
	const char *scheme = strstr(text, "://"), *begin, *end;
	uint64_t number;

	if (scheme) {
		if (!strncasecmp(text, "ldaps:", 6))
			service.port = SERVICE_LDAPS;
		else if (!strncasecmp(text, "https:", 6))
			service.port = SERVICE_HTTPS;
		text = scheme + 3;
	}
	/* user:password@, and there may be another such sign in the password. */
	while (strcspn(text, "@") < strcspn(text, "/"))
		text += strcspn(text, "@") + 1;
	begin = text;
	if (*text == '[') {
		begin++;
		end = begin + strcspn(begin, "]");
		text = *end ? end + 1 : end;
	} else {
		end = text + strcspn(text, ":/ \t,;\"'");
		/* An address of IPv6 without brackets has more colons. */
		if (*end == ':' && strchr(end + 1, ':'))
			end = text + strcspn(text, "/ \t,;\"'");
		text = end;
	}
	service.host = arena_copy_length(&services->arena, begin, (size_t)(end - begin));
	if (*text == ':') {
		size_t length = strspn(text + 1, "0123456789");
		const char *digits = arena_copy_length(&services->arena, text + 1, length);

		if (text_to_number(digits, UINT16_MAX, &number) && number)
			service.port = (uint16_t)number;
		else if (length)
			service.host = NULL; /* no port has that number */
	}
	return service;
}

void services_add_host(struct services *services, enum service_kind kind, const char *text,
		       uint16_t port, const char *from)
{
	struct service service = parse_host(services, text, port);

	service.kind = kind;
	service.protocol = PROTOCOL_TCP;
	service.from = arena_copy(&services->arena, from);
	services_add(services, service);
}

void services_note(struct services *services, const char *text)
{
	if (services->note_count < SERVICES_NOTES)
		services->notes[services->note_count++] = arena_copy(&services->arena, text);
}

void services_free(struct services *services)
{
	free(services->items);
	arena_free(&services->arena);
}
