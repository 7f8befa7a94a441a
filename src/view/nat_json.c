#include "view/view.h"

#include "base/json.h"
#include "diagnosis/diagnosis.h"

/* Of a range that is not certain each end of the room has its own. */
static void write_room(struct json *json, const struct nat_use *use)
{
	const struct capacity *least = &use->least, *most = &use->most;
	const bool known = least->known, sure = least->eligible == most->eligible;
	const bool exact = known && least->exact && most->exact;
	const bool ranged = port_range_known(use->range);

	json_known(json, "first", ranged ? use->range.first : -1);
	json_known(json, "last", ranged ? use->range.last : -1);
	json_number(json, "used", use->used);
	json_known(json, "capacity", known && sure ? (int64_t)least->eligible : -1);
	json_known(json, "room", exact ? (int64_t)least->room_min : -1);
	json_known(json, "room_min", known ? (int64_t)least->room_min : -1);
	json_known(json, "room_max", known ? (int64_t)most->room_max : -1);
	json_bool(json, "exact", exact);
}

static void write_use(struct json *json, const struct snapshot *snapshot,
		      const struct nat_use *use)
{
	const struct nat_tuple_key *key = &use->tuple->key;

	json_object(json, NULL);
	view_json_netns(json, "namespace", snapshot, key->netns);
	json_text(json, "protocol", protocol_name(key->protocol));
	view_json_address(json, "snat_address", &key->address);
	view_json_address(json, "destination", &key->destination);
	json_number(json, "port", key->port);
	json_number(json, "zone", key->zone);
	write_room(json, use);
	json_row(json, "states");
	for (int state = 0; state < NAT_STATE_COUNT; state++)
		if (use->tuple->states[state])
			json_number(json, nat_state_name(state), use->tuple->states[state]);
	json_end_object(json);
	view_json_shares(json, snapshot, "sources", use->shares, use->share_count);
	json_end_object(json);
}

void view_json_nat(struct json *json, const struct diagnosis *diagnosis, uint64_t limit)
{
	json_array(json, "nat");
	for (size_t i = 0; i < diagnosis->nat_count && i < limit; i++)
		write_use(json, diagnosis->snapshot, &diagnosis->nats[i]);
	json_end_array(json);
}
