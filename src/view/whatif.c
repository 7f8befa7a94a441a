#include "view/whatif.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "diagnosis/whatif.h"
#include "view/layout.h"
#include "view/view.h"

enum { LABEL_COLUMNS = 12 };

static const char *print_subject(struct arena *arena, const struct capacity_query *query)
{
	char source[ADDRESS_TEXT_SIZE], target[ADDRESS_TEXT_SIZE];

	if (query->kind == CAPACITY_BIND)
		return arena_print(arena, "tcp bind(%s, 0)",
				   address_print(source, &query->source));
	if (query->kind != CAPACITY_CONNECT)
		return arena_print(arena, "udp %s",
				   query->source.family == FAMILY_IPV6 ? "ipv6" : "ipv4");
	if (!query->port)
		return _("tcp to a new destination");
	return arena_print(arena, "tcp %s -> %s", address_print(source, &query->source),
			   address_print_endpoint(target, &query->destination, query->port));
}

static const char *print_rate(struct arena *arena, double rate)
{
	char number[32];

	if (rate < 0)
		return _("unknown");
	if (rate >= 10)
		return arena_print(arena, "%s/s",
				   text_grouped(number, (uint64_t)(rate + 0.5)));
	return arena_print(arena, "%u.%u/s", (unsigned)(rate * 10 + 0.5) / 10,
			   (unsigned)(rate * 10 + 0.5) % 10);
}

static const char *print_time(struct arena *arena, int64_t seconds,
			      const struct capacity *capacity)
{
	if (!capacity->known)
		return _("unknown");
	if (!capacity->room_max)
		return _("now");
	if (seconds < 0)
		return _("never");
	if (seconds < 120)
		return arena_print(arena, "%lld s", (long long)seconds);
	if (seconds < 7200)
		return arena_print(arena, "%lld min", (long long)seconds / 60);
	return arena_print(arena, "%lld h", (long long)seconds / 3600);
}

static void write_answer(const struct whatif_answer *answer, bool pooled, struct arena *arena,
			 const struct view_style *style)
{
	layout_item(style, "", 0, print_subject(arena, &answer->query), NULL);
	layout_item(style, _("  room"), LABEL_COLUMNS,
		    arena_print(arena, "%s -> %s", view_room(arena, &answer->before),
				view_room(arena, &answer->after)),
		    NULL);
	if (answer->after.known && answer->after.why_not_exact)
		layout_item(style, "", LABEL_COLUMNS, answer->after.why_not_exact, NULL);
	if (answer->query.kind != CAPACITY_CONNECT || !answer->query.port)
		return;
	layout_item(
		style, _("  sustains"), LABEL_COLUMNS,
		pooled && answer->pool_fits ?
			arena_print(arena,
				    _("%s connections closed from this side -> any number of "
				      "uses, for none is closed"),
				    print_rate(arena, answer->sustainable_before)) :
			arena_print(arena, _("%s -> %s connections closed from this side"),
				    print_rate(arena, answer->sustainable_before),
				    print_rate(arena, answer->sustainable_after)),
		NULL);
	if (answer->rate > 0)
		layout_item(
			style, _("  full in"), LABEL_COLUMNS,
			arena_print(arena, _("%s -> %s at %s"),
				    print_time(arena, answer->full_before_s, &answer->before),
				    print_time(arena, answer->full_after_s, &answer->after),
				    print_rate(arena, answer->rate)),
			NULL);
}

/* ---- what stands in its way ---- */

struct risks {
	const char *text[10];
	size_t count;
};

static void add_risk(struct risks *risks, bool applies, const char *text)
{
	if (applies)
		risks->text[risks->count++] = text;
}

static bool any(const struct whatif_view *view, size_t member)
{
	for (size_t i = 0; i < view->count; i++)
		if (*(const bool *)((const char *)&view->answers[i] + member))
			return true;
	return false;
}

static bool any_not(const struct whatif_view *view, size_t member)
{
	for (size_t i = 0; i < view->count; i++)
		if (!*(const bool *)((const char *)&view->answers[i] + member))
			return true;
	return false;
}

static struct risks risks_of(const struct whatif_view *view)
{
	const struct whatif *change = view->change;
	struct risks risks = { 0 };

	bool is_windows = view->snapshot->windows;

	add_risk(
		&risks, is_windows && port_range_known(change->range),
		_("another range: services that listen in it, firewalls that name the old one; "
		  "netsh sets tcp and udp, ipv4 and ipv6 each on its own"));
	add_risk(
		&risks, !is_windows && port_range_known(change->range),
		_("another range: services that listen in it, firewalls that name the old one; "
		  "portroom range set --dry-run tells which"));
	add_risk(
		&risks, any(view, offsetof(struct whatif_answer, timestamps_needed)),
		_("TIME_WAIT is taken over only where the peer uses TCP timestamps, too, which "
		  "cannot be seen from here: at least so many are promised"));
	add_risk(
		&risks, change->sources > 1,
		_("each source address must be one of this host, and the program must bind to it "
		  "with IP_BIND_ADDRESS_NO_PORT"));
	add_risk(&risks, change->pool > 0,
		 _("the program must wait when all connections of its pool are in use"));
	add_risk(&risks, any_not(view, offsetof(struct whatif_answer, pool_fits)),
		 _("the pool is larger than what is left for it"));
	add_risk(&risks, view->delay_is_idle,
		 _("tcp_tw_reuse_delay changes nothing while tcp_tw_reuse is off"));
	add_risk(&risks, change->no_bind_first,
		 _("the programs must be changed, and their connections made anew"));
	add_risk(&risks, change->ends, _("what the process is doing is lost"));
	add_risk(
		&risks, !is_windows && any(view, offsetof(struct whatif_answer, rests)),
		_("what it has open first rests 60 s in TIME_WAIT, or in FIN_WAIT2 where the peer "
		  "does not close"));
	add_risk(&risks, is_windows && any(view, offsetof(struct whatif_answer, rests)),
		 _("what it has open first rests in TIME_WAIT, for TcpTimedWaitDelay"));
	return risks;
}

/* How a range is set on Windows, of which people ask what is to be typed. */
static void write_command(const struct whatif_view *view, struct arena *arena,
			  const struct view_style *style)
{
	const struct port_range range = view->change->range;
	bool six = view->count && view->answers[0].query.destination.family == FAMILY_IPV6;

	if (!view->snapshot->windows || !port_range_known(range))
		return;
	layout_item(style, _("by"), LABEL_COLUMNS,
		    arena_print(arena, "netsh int %s set dynamicport tcp start=%u num=%u",
				six ? "ipv6" : "ipv4", range.first, port_range_size(range)),
		    NULL);
	if (!evidence_was_sent(&view->snapshot->evidence))
		layout_item(style, _("or"), LABEL_COLUMNS,
			    arena_print(arena,
					_("portroom range try --first %u --last %u --for 60s, "
					  "which knows the way back"),
					range.first, range.last),
			    NULL);
}

void whatif_text(const struct whatif_view *view, const struct view_style *style)
{
	struct arena arena = { 0 };
	const struct risks risks = risks_of(view);

	for (size_t i = 0; i < view->count; i++)
		write_answer(&view->answers[i], view->change->pool > 0, &arena, style);
	write_command(view, &arena, style);
	for (size_t i = 0; i < risks.count; i++)
		layout_item(style, i ? "" : _("but"), LABEL_COLUMNS, risks.text[i], NULL);
	view_text_gaps(view->snapshot, style);
	arena_free(&arena);
}

/* ---- JSON ---- */

static void write_capacity(struct json *json, const char *key, const struct capacity *capacity,
			   double sustainable, int64_t full_in_s)
{
	json_object(json, key);
	json_known(json, "room_min", capacity->known ? (int64_t)capacity->room_min : -1);
	json_known(json, "room_max", capacity->known ? (int64_t)capacity->room_max : -1);
	json_text(json, "why_not_exact", capacity->known ? capacity->why_not_exact : NULL);
	if (sustainable < 0)
		json_null(json, "sustainable_per_s");
	else
		json_ratio(json, "sustainable_per_s", sustainable);
	json_known(json, "full_in_s", capacity->known && !capacity->room_max ? 0 : full_in_s);
	json_end_object(json);
}

static void write_answer_json(struct json *json, const struct whatif_answer *answer)
{
	const struct capacity_query *query = &answer->query;
	bool connects = query->kind == CAPACITY_CONNECT;

	json_object(json, NULL);
	json_text(json, "kind", capacity_kind_name(query->kind));
	view_json_address(json, "source", &query->source);
	view_json_address(json, "destination", &query->destination);
	json_known(json, "port", connects && query->port ? query->port : -1);
	if (answer->rate < 0)
		json_null(json, "rate_per_s");
	else
		json_ratio(json, "rate_per_s", answer->rate);
	write_capacity(json, "before", &answer->before, answer->sustainable_before,
		       answer->full_before_s);
	write_capacity(json, "after", &answer->after, answer->sustainable_after,
		       answer->full_after_s);
	json_end_object(json);
}

void whatif_json(const struct whatif_view *view, FILE *out)
{
	struct json json = { .out = out, .pretty = true };
	const struct risks risks = risks_of(view);

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.whatif/1");
	view_json_time(&json, "time", view->snapshot->time_ms);
	view_json_netns(&json, "namespace", view->snapshot, 0);
	json_text(&json, "change", view->asked);
	json_array(&json, "answers");
	for (size_t i = 0; i < view->count; i++)
		write_answer_json(&json, &view->answers[i]);
	json_end_array(&json);
	json_array(&json, "risks");
	for (size_t i = 0; i < risks.count; i++)
		json_text(&json, NULL, risks.text[i]);
	json_end_array(&json);
	view_json_gaps(&json, view->snapshot);
	view_json_sources(&json, view->snapshot);
	json_end_object(&json);
}
