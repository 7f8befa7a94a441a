#include "diagnosis/rule.h"

#include <stddef.h>

/*
 * Every rule, one line each. Among findings of one severity the first here is the headline: the
 * cause before its effects.
 */
/* clang-format off */
#define RULES(rule)              \
	rule(bound_only_leak)    \
	rule(close_wait_leak)    \
	rule(fin_wait2_pileup)   \
	rule(syn_sent_blackhole) \
	rule(time_wait_pileup)   \
	rule(bind_pool_full)     \
	rule(range_full)         \
	rule(destination_full)   \
	rule(socket_range_full)  \
	rule(udp_pool_full)      \
	rule(snat_full)          \
	rule(ran_out)            \
	rule(windows_ran_out)    \
	rule(windows_bound_leak) \
	rule(windows_close_wait_leak) \
	rule(windows_destination_full) \
	rule(windows_range_full) \
	rule(filling_up)         \
	rule(filling_in_series)  \
	rule(watched_look)       \
	rule(autobind_reuse) /* looks like it, or hides it, from here on */ \
	rule(time_wait_overflow) \
	rule(descriptor_limit)   \
	rule(handles_many)       \
	rule(conntrack_full)     \
	rule(ports_without_process) \
	rule(facts_missing)      \
	rule(windows_cannot_tell) \
	rule(windows_time_wait)  \
	rule(windows_connect_limit) \
	rule(range_narrow)       \
	rule(range_odd)          \
	rule(listeners_in_range) \
	rule(nodeports_in_range) \
	rule(time_wait_churn)    \
	rule(one_parity_full)    \
	rule(busy_but_healthy) /* looks at the others' findings */
/* clang-format on */

#define DECLARE(name) extern const struct rule rule_##name;
#define LIST(name) &rule_##name,

RULES(DECLARE)

const struct rule *const rules[] = { RULES(LIST) NULL };
