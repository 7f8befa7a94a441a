#include "base/language.h"
#include "diagnosis/remedy.h"

/*
 * Linux net/ipv4/inet_connection_sock.c, inet_csk_find_open_port(): with ip_autobind_reuse, a
 * search that found no port is repeated, and now a port will do whose owners all have SO_REUSEADDR
 * and do not listen. That comes only when nothing is free, so that a pool with room in it is safe.
 */
static bool is_low(const struct diagnosis *diagnosis, const struct pool *pool)
{
	enum severity severity = diagnosis_severity(diagnosis, &pool->capacity);

	return pool->kind == CAPACITY_BIND && pool->bind_made &&
	       (severity == SEVERITY_WARNING || severity == SEVERITY_CRITICAL);
}

/* The pool that people bind to with least room; NULL: none is low. */
static const struct pool *lowest(const struct diagnosis *diagnosis, uint32_t netns)
{
	const struct pool *lowest = NULL;

	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];

		if (pool->netns == netns && is_low(diagnosis, pool) &&
		    (!lowest || pool->capacity.room_max < lowest->capacity.room_max))
			lowest = pool;
	}
	return lowest;
}

static struct remedy switched_off(struct diagnosis *diagnosis, uint32_t netns)
{
	return remedy_aside(
		_("switch it off: bind() then says EADDRINUSE when no port is left"),
		remedy_sysctl(diagnosis, netns, "net.ipv4.ip_autobind_reuse=0"));
}

static void report(const struct rule *rule, struct diagnosis *diagnosis,
		   const struct pool *pool)
{
	const struct capacity *capacity = &pool->capacity;
	struct finding *finding =
		rule_add_finding(diagnosis, rule, pool->netns, SEVERITY_WARNING);
	struct remedy off = switched_off(diagnosis, pool->netns);
	char source[ADDRESS_TEXT_SIZE];

	finding->subject = arena_print(&diagnosis->arena, "tcp bind(%s, 0)",
				       address_print(source, &pool->source));
	finding->title =
		arena_print(&diagnosis->arena,
			    _("%s: %s; without room, bind() gives out ports that are taken "
			      "(ip_autobind_reuse=1)"),
			    finding->subject, words_room(diagnosis, capacity));
	finding->shares = pool->drawing;
	finding->share_count = pool->drawing_count;
	finding->culprit =
		rule_culprit(pool->drawing, pool->drawing_count, SOCKET_STATE_COUNT);
	finding->reason = _(
		"with net.ipv4.ip_autobind_reuse=1, bind() to port 0 of a socket with "
		"SO_REUSEADDR does not fail when the ports are used up: two sockets get the "
		"same port, and if both go to one destination, connect() fails at random with "
		"EADDRNOTAVAIL, although the socket has a port");
	rule_add_evidence(finding, "room_min", capacity->room_min, "ports");
	rule_add_evidence(finding, "room_max", capacity->room_max, "ports");
	rule_add_evidence(finding, "eligible", capacity->eligible, "ports");
	rule_add_evidence(finding, "bind_made", pool->bind_made, "ports");
	remedy_mend(finding,
		    _("set IP_BIND_ADDRESS_NO_PORT before bind(address, 0): connect() then "
		      "chooses a port that is free towards its destination"),
		    capacity->room_min);
	off.risk = _("programs that lived on shared ports fail at bind() until they have one "
		     "of the remedies above");
	rule_add_remedy(finding, off);
	rule_add_useless(finding,
			 _("trying again at once: bind() may give the same port once more"));
}

static void remark(const struct rule *rule, struct diagnosis *diagnosis, uint32_t netns)
{
	struct finding *remark = rule_add_remark(diagnosis, rule, netns);

	remark->subject = "tcp bind";
	remark->title = _("net.ipv4.ip_autobind_reuse is 1");
	remark->reason =
		_("there is room now; but when the ports are used up, bind() to port 0 of a "
		  "socket with SO_REUSEADDR gives out one that is taken, and connect() fails "
		  "at random with EADDRNOTAVAIL. IP_BIND_ADDRESS_NO_PORT does what people "
		  "hope for from this setting");
	rule_add_remedy(remark, switched_off(diagnosis, netns));
}

static void check(const struct rule *rule, struct diagnosis *diagnosis)
{
	for (uint32_t i = 0; i < diagnosis->snapshot->namespace_count; i++) {
		const struct pool *pool;

		if (diagnosis->snapshot->namespaces[i].settings.autobind_reuse != 1)
			continue;
		pool = lowest(diagnosis, i);
		if (pool)
			report(rule, diagnosis, pool);
		else
			remark(rule, diagnosis, i);
	}
}

const struct rule rule_autobind_reuse = {
	.id = "autobind_reuse",
	.title = N_("bind() gives out ports that are taken, and connect() fails instead"),
	.systems = RULE_LINUX,
	.check = check,
};
