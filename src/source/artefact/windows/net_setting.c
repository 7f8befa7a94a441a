#include "source/artefact/windows/net_setting.h"

static bool is_same(struct port_range one, struct port_range other)
{
	return one.first == other.first && one.last == other.last;
}

bool net_setting_range(int64_t first, int64_t count, struct port_range *range)
{
	if (first < 1 || count < 1 || first + count > 65536)
		return false;
	*range = (struct port_range){ (uint16_t)first, (uint16_t)(first + count - 1) };
	return true;
}

static void take_dynamic(struct net_settings *settings, const struct net_setting *setting)
{
	struct port_range range;

	if (!net_setting_range(setting->first, setting->count, &range))
		return;
	if (!port_range_known(settings->dynamic))
		settings->dynamic = range;
	else if (!is_same(range, settings->dynamic))
		settings->dynamic_differs = true;
}

/* No port at all means that it is off. */
static void take_reuse(struct net_settings *settings, const struct net_setting *setting)
{
	struct port_range range = { 0, 0 };

	if (setting->reuse_count != 0 &&
	    !net_setting_range(setting->reuse_first, setting->reuse_count, &range))
		return;
	if (!settings->reuse_known)
		settings->reuse = range;
	else if (!is_same(range, settings->reuse))
		settings->reuse_differs = true;
	settings->reuse_known = true;
}

void net_settings_take(struct net_settings *settings, const struct net_setting *setting)
{
	settings->instances++;
	take_dynamic(settings, setting);
	take_reuse(settings, setting);
}
