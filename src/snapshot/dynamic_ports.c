#include "snapshot/dynamic_ports.h"

#include "snapshot/snapshot.h"

struct dynamic_ports dynamic_ports_of(const struct snapshot *snapshot, uint32_t netns,
				      enum protocol protocol, uint8_t family)
{
	const struct netns_settings *settings = &snapshot->namespaces[netns].settings;
	const struct windows_range *row;

	if (!snapshot->windows)
		return (struct dynamic_ports){
			.range = settings->range,
			.reserved = &settings->reserved,
			.reserved_known = settings->reserved_known,
			.assumed = settings->assumed == ASSUMED_RANGE,
		};
	row = windows_range_at(snapshot->windows, protocol, family);
	return (struct dynamic_ports){
		.range = row->range,
		.reserved = &row->excluded,
		.reserved_known = row->excluded_known,
		.assumed = row->assumed,
	};
}

struct dynamic_ports dynamic_ports_of_holding(const struct snapshot *snapshot,
					      const struct holding *holding)
{
	return dynamic_ports_of(snapshot, holding->key.netns,
				(enum protocol)holding->key.protocol,
				holding->key.local.family);
}
