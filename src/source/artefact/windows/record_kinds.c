#include "source/artefact/windows/records.h"

/* One line for a new kind; those that are told by the fewest properties come last. */
/* clang-format off */
#define KINDS(kind) \
	kind(events) \
	kind(connections) \
	kind(endpoints) \
	kind(tcp_settings) \
	kind(tcp_parameters) \
	kind(services) \
	kind(processes) \
	kind(cim_processes) \
	kind(computer) \
	kind(groups)
/* clang-format on */

#define DECLARE(name) extern const struct record_kind record_kind_##name;
#define ADDRESS(name) &record_kind_##name,

KINDS(DECLARE)

const struct record_kind *const record_kinds[] = { KINDS(ADDRESS) NULL };
