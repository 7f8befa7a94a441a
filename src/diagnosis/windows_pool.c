#include "diagnosis/windows_pool.h"

#include "base/language.h"
#include "snapshot/dynamic_ports.h"

enum protocol windows_pool_protocol(const struct pool *pool)
{
	return pool->kind == CAPACITY_BIND ? PROTOCOL_TCP : PROTOCOL_UDP;
}

const char *windows_pool_name(const struct pool *pool)
{
	bool six = pool->source.family == FAMILY_IPV6;

	if (pool->kind == CAPACITY_BIND)
		return six ? "tcp IPv6" : "tcp IPv4";
	return six ? "udp IPv6" : "udp IPv4";
}

const struct pool *windows_pool_find(const struct diagnosis *diagnosis, enum protocol protocol,
				     uint8_t family)
{
	for (size_t i = 0; i < diagnosis->pool_count; i++) {
		const struct pool *pool = &diagnosis->pools[i];

		if (windows_pool_protocol(pool) == protocol && pool->source.family == family)
			return pool;
	}
	return NULL;
}

const struct pool *windows_pool_fullest(const struct diagnosis *diagnosis,
					enum protocol protocol)
{
	const struct pool *four = windows_pool_find(diagnosis, protocol, FAMILY_IPV4);
	const struct pool *six = windows_pool_find(diagnosis, protocol, FAMILY_IPV6);

	if (!four || !six)
		return four ? four : six;
	return (uint64_t)six->capacity.room_max * four->capacity.eligible <
			       (uint64_t)four->capacity.room_max * six->capacity.eligible ?
		       six :
		       four;
}

enum severity windows_pool_severity_of(const struct diagnosis *diagnosis, uint64_t used,
				       uint64_t eligible)
{
	const unsigned room = used < eligible ? (unsigned)(eligible - used) : 0;
	const struct capacity capacity = {
		.known = true,
		.eligible = (unsigned)eligible,
		.room_min = room,
		.room_max = room,
		.exact = true,
	};

	return diagnosis_severity(diagnosis, &capacity);
}

enum severity windows_pool_severity(const struct diagnosis *diagnosis, const struct pool *pool)
{
	const struct capacity *capacity = &pool->capacity;

	return windows_pool_severity_of(diagnosis, capacity->eligible - capacity->room_max,
					capacity->eligible);
}

struct capacity_query windows_pool_query(const struct pool *pool)
{
	return (struct capacity_query){
		.kind = pool->kind,
		.netns = pool->netns,
		.source = pool->source,
	};
}

unsigned windows_pool_count(const struct pool *pool, enum socket_state state)
{
	unsigned ports = 0;

	for (size_t i = 0; i < pool->share_count; i++)
		if (pool->shares[i].state == state)
			ports += pool->shares[i].ports;
	return ports;
}

struct finding *windows_pool_finding(struct diagnosis *diagnosis, const struct rule *rule,
				     const struct pool *pool, enum severity severity)
{
	const struct capacity *capacity = &pool->capacity;
	enum protocol protocol = windows_pool_protocol(pool);
	const struct dynamic_ports ports = dynamic_ports_of(diagnosis->snapshot, pool->netns,
							    protocol, pool->source.family);
	struct finding *finding = rule_add_finding(diagnosis, rule, pool->netns, severity);

	finding->subject = arena_print(&diagnosis->arena, "%s %u-%u", windows_pool_name(pool),
				       ports.range.first, ports.range.last);
	finding->shares = pool->shares;
	finding->share_count = pool->share_count;
	finding->strength = STRENGTH_STRONG;
	strength_add_listing(diagnosis, finding, protocol);
	rule_add_evidence(finding, "used", capacity->eligible - capacity->room_max, "ports");
	rule_add_evidence(finding, "eligible", capacity->eligible, "ports");
	rule_add_evidence(finding, "excluded", capacity->reserved, "ports");
	rule_add_evidence(finding, "room_min", capacity->room_min, "ports");
	rule_add_evidence(finding, "room_max", capacity->room_max, "ports");
	return finding;
}
