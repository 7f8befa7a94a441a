#include "snapshot/nat.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

const char *nat_state_name(enum nat_state state)
{
	static const char *const names[] = {
		[NAT_SYN_SENT] = "syn_sent",	   [NAT_SYN_RECV] = "syn_recv",
		[NAT_ESTABLISHED] = "established", [NAT_FIN_WAIT] = "fin_wait",
		[NAT_CLOSE_WAIT] = "close_wait",   [NAT_LAST_ACK] = "last_ack",
		[NAT_TIME_WAIT] = "time_wait",	   [NAT_CLOSE] = "close",
		[NAT_UNREPLIED] = "unreplied",	   [NAT_REPLIED] = "replied",
	};

	_Static_assert(sizeof names / sizeof names[0] == NAT_STATE_COUNT,
		       "every state has a name");
	return names[state];
}

bool nat_flow_is_changed(const struct nat_flow *flow)
{
	return flow->from_port != flow->port || !address_equal(&flow->from, &flow->address);
}

static struct nat_tuple *find_or_add_tuple(struct nat *nat, const struct nat_tuple_key *key,
					   bool add)
{
	const struct indexed tuples = { nat->tuples, nat->tuple_count, sizeof *nat->tuples,
					sizeof *key };
	size_t at = add ? index_find_or_add(&nat->tuple_index, &tuples, key) :
			  index_find(&nat->tuple_index, &tuples, key);

	if (at < nat->tuple_count)
		return &nat->tuples[at];
	if (!add)
		return NULL;
	array_reserve(nat->tuples, nat->tuple_count, nat->tuple_capacity);
	nat->tuples[at] = (struct nat_tuple){ .key = *key };
	return &nat->tuples[nat->tuple_count++];
}

static struct nat_source *find_or_add_source(struct nat *nat, const struct nat_source_key *key,
					     bool add)
{
	const struct indexed sources = { nat->sources, nat->source_count, sizeof *nat->sources,
					 sizeof *key };
	size_t at = add ? index_find_or_add(&nat->source_index, &sources, key) :
			  index_find(&nat->source_index, &sources, key);

	if (at < nat->source_count)
		return &nat->sources[at];
	if (!add)
		return NULL;
	array_reserve(nat->sources, nat->source_count, nat->source_capacity);
	nat->sources[at] = (struct nat_source){ .key = *key };
	nat->tuples[key->tuple].sources++;
	return &nat->sources[nat->source_count++];
}

static void count_source(struct nat *nat, struct nat_tuple *tuple, const struct nat_flow *flow)
{
	struct nat_source_key key;
	struct nat_source *source;

	memset(&key, 0, sizeof key);
	key.tuple = (uint32_t)(tuple - nat->tuples);
	key.asked_port = flow->asked_port;
	key.address = flow->from;
	key.asked = flow->asked;
	source = find_or_add_source(nat, &key, tuple->sources < NAT_SOURCES_MOST);
	if (source)
		port_set_add(&source->ports, flow->from_port);
	else
		tuple->others++;
}

void nat_add_flow(struct nat *nat, uint32_t netns, const struct nat_flow *flow)
{
	const bool changed = nat_flow_is_changed(flow);
	struct nat_tuple_key key;
	struct nat_tuple *tuple;

	memset(&key, 0, sizeof key);
	key.netns = netns;
	key.zone = flow->zone;
	key.port = flow->destination_port;
	key.protocol = (uint8_t)flow->protocol;
	key.address = flow->address;
	key.destination = flow->destination;
	tuple = find_or_add_tuple(nat, &key, changed);
	/* An entry may come twice in one dump, a port is held by one entry. */
	if (!tuple || !port_set_add(&tuple->ports, flow->port))
		return;
	if (address_equal(&flow->from, &flow->address))
		port_set_add(&tuple->own, flow->port);
	if (changed && (flow->state == NAT_TIME_WAIT || flow->state == NAT_CLOSE))
		port_set_add(&tuple->resting, flow->port);
	tuple->states[flow->state]++;
	count_source(nat, tuple, flow);
}

void nat_rule_set_ports(struct nat_rule *rule, uint16_t a, uint16_t b)
{
	rule->ports = (struct port_range){ a < b ? a : b, a < b ? b : a };
	rule->ports_unread = !rule->ports.first;
}

void nat_add_rule(struct nat *nat, const struct nat_rule *rule)
{
	array_reserve(nat->rules, nat->rule_count, nat->rule_capacity);
	nat->rules[nat->rule_count++] = *rule;
}

void nat_free(struct nat *nat)
{
	for (size_t i = 0; i < nat->tuple_count; i++) {
		port_set_free(&nat->tuples[i].ports);
		port_set_free(&nat->tuples[i].own);
		port_set_free(&nat->tuples[i].resting);
	}
	for (size_t i = 0; i < nat->source_count; i++)
		port_set_free(&nat->sources[i].ports);
	free(nat->tuples);
	free(nat->sources);
	free(nat->rules);
	index_free(&nat->tuple_index);
	index_free(&nat->source_index);
	*nat = (struct nat){ 0 };
}
