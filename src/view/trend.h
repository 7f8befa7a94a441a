#pragma once

struct diagnosis;
struct json;
struct view_style;

/* How it went over several listings: nothing where there is one only. */
void trend_text(const struct diagnosis *diagnosis, const struct view_style *style,
		unsigned indent);

/* The key "series"; null where there is one only. */
void trend_json(struct json *json, const struct diagnosis *diagnosis);
