#include "view/view.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "diagnosis/capacity.h"
#include "view/layout.h"

/* "1,234" is for people; the first line is for scripts as well. */
static void write_number(const struct capacity *capacity, FILE *out)
{
	if (!capacity->known)
		fputs(_("unknown"), out);
	else if (capacity->room_min == capacity->room_max)
		fprintf(out, "%u", capacity->room_max);
	else
		fprintf(out, _("%u to %u"), capacity->room_min, capacity->room_max);
	fputc('\n', out);
}

/* Windows has words of its own, and other ports that are out of reach. */
static const char *windows_explanation(struct arena *arena, const struct capacity *capacity,
				       enum capacity_kind kind)
{
	const char *text =
		arena_print(arena, P_("of %u port", "of %u ports", capacity->eligible),
			    capacity->eligible);

	if (capacity->reserved)
		text = arena_print(arena, _("%s (%u more excluded)"), text,
				   capacity->reserved);
	if (kind == CAPACITY_CONNECT)
		text = arena_print(arena,
				   _("%s: %u bound or listened on, %u connected to this "
				     "destination or resting, %u free"),
				   text, capacity->blocked_by_bind, capacity->busy,
				   capacity->free);
	else
		text = arena_print(arena, _("%s: %u taken"), text, capacity->blocked_by_bind);
	if (capacity->exact)
		return text;
	return arena_print(arena, _("%s; not exact: %s"), text, capacity->why_not_exact);
}

static const char *explanation(struct arena *arena, const struct capacity *capacity,
			       enum capacity_kind kind, bool is_windows)
{
	const char *text;

	if (!capacity->known)
		return _("the range or the sockets could not be read; portroom check says "
			 "why");
	if (is_windows)
		return windows_explanation(arena, capacity, kind);
	text = arena_print(arena, P_("of %u port", "of %u ports", capacity->eligible),
			   capacity->eligible);
	if (capacity->reserved)
		text = arena_print(arena, _("%s (%u more reserved)"), text,
				   capacity->reserved);
	if (kind == CAPACITY_CONNECT)
		text = arena_print(arena,
				   _("%s: %u blocked by bind(), %u busy towards this "
				     "destination, %u reusable from TIME_WAIT"),
				   text, capacity->blocked_by_bind, capacity->busy,
				   capacity->reusable);
	else if (kind == CAPACITY_UDP_CONNECT)
		text = arena_print(arena, _("%s: %u taken by UDP sockets"), text,
				   capacity->blocked_by_bind);
	else
		text = arena_print(arena, _("%s: %u taken on this address"), text,
				   capacity->blocked_by_bind);
	if (!capacity->exact)
		text = arena_print(arena, _("%s; not exact: %s"), text,
				   capacity->why_not_exact);
	return text;
}

/* Bounds outside the namespace's range do not count, and nothing says so but the kernel's source. */
static const char *own_range_text(struct arena *arena, struct port_range range,
				  struct port_range own)
{
	struct port_range used = port_range_clip(range, own);

	if (!port_range_known(range) || !port_range_known(own) ||
	    (used.first == own.first && used.last == own.last))
		return NULL;
	return arena_print(arena,
			   _("--port-range %u-%u: the kernel ignores a bound outside the "
			     "namespace's range %u-%u, so that %u-%u counts"),
			   own.first, own.last, range.first, range.last, used.first,
			   used.last);
}

static const char *wildcard_text(struct arena *arena, const struct address *destination)
{
	char address[ADDRESS_TEXT_SIZE];

	return arena_print(
		arena,
		_("%s as a destination means this host: connect() goes to %s, and so "
		  "does this answer"),
		destination->family == FAMILY_IPV6 ? "::" : "0.0.0.0",
		address_print(address, destination));
}

/* The number alone on the first line, so that a script can read it; why below. */
void room_text(const struct snapshot *snapshot, const struct capacity *capacity,
	       const struct capacity_query *query, bool wildcard,
	       const struct view_style *style)
{
	struct arena arena = { 0 };
	const char *own_range = own_range_text(
		&arena, snapshot->namespaces[query->netns].settings.range, query->own_range);

	write_number(capacity, style->out);
	layout_item(style, "", 0,
		    explanation(&arena, capacity, query->kind, snapshot->windows), NULL);
	if (own_range)
		layout_item(style, "", 0, own_range, NULL);
	if (wildcard)
		layout_item(style, "", 0, wildcard_text(&arena, &query->destination), NULL);
	arena_free(&arena);
}

void room_json(const struct snapshot *snapshot, const struct capacity *capacity,
	       const struct capacity_query *query, FILE *out)
{
	bool known = capacity->known;
	bool udp = query->kind == CAPACITY_UDP_CONNECT || query->kind == CAPACITY_UDP_BIND;
	bool connect = query->kind == CAPACITY_CONNECT || query->kind == CAPACITY_UDP_CONNECT;
	struct json json = { .out = out, .pretty = true };

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.room/1");
	view_json_time(&json, "time", snapshot->time_ms);
	view_json_netns(&json, "namespace", snapshot, query->netns);
	json_text(&json, "kind", capacity_kind_name(query->kind));
	json_text(&json, "protocol", udp ? "udp" : "tcp");
	view_json_address(&json, "source", &query->source);
	view_json_address(&json, "destination", &query->destination);
	json_known(&json, "port", connect ? query->port : -1);
	json_known(&json, "room", known && capacity->exact ? (int64_t)capacity->room_max : -1);
	json_known(&json, "room_min", known ? (int64_t)capacity->room_min : -1);
	json_known(&json, "room_max", known ? (int64_t)capacity->room_max : -1);
	json_bool(&json, "exact", known && capacity->exact);
	json_text(&json, "why_not_exact",
		  known ? capacity->why_not_exact :
			  "the range or the sockets could not be read");
	json_known(&json, "eligible", known ? (int64_t)capacity->eligible : -1);
	json_known(&json, "reserved", known ? (int64_t)capacity->reserved : -1);
	json_known(&json, "blocked_by_bind", known ? (int64_t)capacity->blocked_by_bind : -1);
	json_known(&json, "busy", known ? (int64_t)capacity->busy : -1);
	json_known(&json, "reusable", known ? (int64_t)capacity->reusable : -1);
	json_known(&json, "free", known ? (int64_t)capacity->free : -1);
	json_end_object(&json);
}
