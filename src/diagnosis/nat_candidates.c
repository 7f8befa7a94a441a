#include "diagnosis/nat.h"

#include <string.h>

/*
 * A rule is none of a tuple's if a condition that was read says so. Others may be; which of them are
 * asked first is not looked at.
 */

/* Of the ports that a rule without a range takes, by the port that a connection was made with. */
static const struct port_range classes[] = { { 1, 511 }, { 600, 1023 }, { 1024, 65535 } };

const struct port_range nat_ordinary_ports = { 1024, 65535 };

static bool is_in_prefix(const struct address *address, const struct nat_match *match)
{
	const unsigned whole = match->bits / 8, rest = match->bits % 8;
	const uint8_t mask = (uint8_t)(0xff00 >> rest);

	return address->family == match->address.family &&
	       !memcmp(address->bytes, match->address.bytes, whole) &&
	       (!rest || !((address->bytes[whole] ^ match->address.bytes[whole]) & mask));
}

static bool matches(const struct nat_match *match, const struct address *address)
{
	return !match->address.family || is_in_prefix(address, match) != match->except;
}

static bool is_between(const struct address *address, const struct address *first,
		       const struct address *last)
{
	return address->family == first->family &&
	       memcmp(address->bytes, first->bytes, sizeof first->bytes) >= 0 &&
	       memcmp(address->bytes, last->bytes, sizeof last->bytes) <= 0;
}

static bool matches_a_source(const struct snapshot *snapshot, const struct nat_rule *rule,
			     const struct nat_tuple *tuple, const uint32_t *sources,
			     size_t count)
{
	if (!rule->source.address.family || tuple->others)
		return true;
	for (size_t i = 0; i < count; i++)
		if (matches(&rule->source, &snapshot->nat.sources[sources[i]].key.address))
			return true;
	return false;
}

static bool can_have_made(const struct nat_rule *rule, const struct nat_tuple *tuple)
{
	const struct nat_tuple_key *key = &tuple->key;

	return rule->netns == key->netns &&
	       (key->protocol == PROTOCOL_TCP ? rule->tcp : rule->udp) &&
	       (!rule->family || rule->family == key->address.family) &&
	       (!rule->port || rule->port == key->port) &&
	       (!rule->first.family || is_between(&key->address, &rule->first, &rule->last)) &&
	       matches(&rule->destination, &key->destination);
}

static bool has(const struct nat_candidates *candidates, struct port_range range)
{
	for (size_t i = 0; i < candidates->count; i++)
		if (candidates->list[i].range.first == range.first &&
		    candidates->list[i].range.last == range.last)
			return true;
	return false;
}

static void add(struct nat_candidates *candidates, struct port_range range,
		const struct nat_rule *rule)
{
	if (candidates->count == NAT_CANDIDATES_MOST)
		candidates->others = true;
	else
		candidates->list[candidates->count++] = (struct nat_candidate){ range, rule };
}

/* There may be thousands of rules, and nearly all name no range: what is there already is not
 * looked at closely. */
static bool is_new(const struct nat_candidates *candidates, const struct nat_rule *rule)
{
	if (rule->ports_unread)
		return !candidates->others;
	return !has(candidates, port_range_known(rule->ports) ? rule->ports : classes[0]);
}

struct nat_candidates nat_candidates_of(const struct snapshot *snapshot,
					const struct nat_tuple *tuple, const uint32_t *sources,
					size_t source_count)
{
	struct nat_candidates found = {
		.others = !snapshot->namespaces[tuple->key.netns].nat_rules_read,
	};

	for (size_t i = 0; i < snapshot->nat.rule_count; i++) {
		const struct nat_rule *rule = &snapshot->nat.rules[i];

		if (!is_new(&found, rule) || !can_have_made(rule, tuple) ||
		    !matches_a_source(snapshot, rule, tuple, sources, source_count))
			continue;
		if (rule->ports_unread)
			found.others = true;
		else if (port_range_known(rule->ports))
			add(&found, rule->ports, rule);
		else
			for (size_t k = 0; k < sizeof classes / sizeof classes[0]; k++)
				add(&found, classes[k], NULL);
	}
	return found;
}
