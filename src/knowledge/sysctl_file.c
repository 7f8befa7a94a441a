#include "knowledge/sysctl_file.h"

#include "base/language.h"
#include "knowledge/sysctl_value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * sysctl.d(5): a line is `key = value`; '#' and ';' begin a comment line; '-' in front of the key
 * ignores errors, and `-key` alone takes the key out of earlier globs; separators are dots or slashes,
 * and if the first one is a slash, dots are left as they are.
 */
static bool is_blank(char letter)
{
	return letter == ' ' || letter == '\t' || letter == '\r';
}

/* A copy of what stands between, without the blanks around it. */
static char *trimmed(struct arena *arena, const char *from, const char *to)
{
	while (from < to && is_blank(*from))
		from++;
	while (to > from && is_blank(to[-1]))
		to--;
	return arena_copy_length(arena, from, (size_t)(to - from));
}

/* "1024\t65535" as "1024 65535": the kernel takes either. */
static char *with_single_blanks(char *value)
{
	char *to = value;

	for (const char *from = value; *from; from++)
		if (!is_blank(*from))
			*to++ = *from;
		else if (to > value && to[-1] != ' ')
			*to++ = ' ';
	*to = '\0';
	return value;
}

/* The key with dots between its parts, as the tables have it. */
static void use_dots(char *key)
{
	static const char folder[] = "/proc/sys/";
	size_t first;

	if (!strncmp(key, folder, sizeof folder - 1))
		memmove(key, key + sizeof folder - 1, strlen(key) - sizeof folder + 2);
	first = strcspn(key, "./");
	if (key[first] != '/')
		return;
	for (; *key; key++)
		*key = *key == '/' ? '.' : *key == '.' ? '/' : *key;
}

static bool glob_fits(const char *pattern, const char *key)
{
	for (; *pattern; pattern++, key++) {
		if (*pattern == '*') {
			for (const char *rest = key;; rest++) {
				if (glob_fits(pattern + 1, rest))
					return true;
				if (!*rest || *rest == '.')
					return false;
			}
		}
		if (!*key || (*pattern != '?' && *pattern != *key))
			return false;
	}
	return !*key;
}

/* Each '*' may try every length: a hostile pattern with many of them would take for ever. */
bool sysctl_key_matches(const char *pattern, const char *key)
{
	enum { MOST_STARS = 4 };
	unsigned stars = 0;

	for (const char *at = pattern; *at; at++)
		stars += *at == '*';
	return stars <= MOST_STARS && glob_fits(pattern, key);
}

static void add_setting(struct sysctl_review *review, unsigned line, const char *from,
			const char *to)
{
	const char *equals = memchr(from, '=', (size_t)(to - from));
	struct sysctl_setting *setting;
	char *key;

	array_reserve(review->settings, review->setting_count, review->setting_capacity);
	setting = &review->settings[review->setting_count++];
	*setting = (struct sysctl_setting){ .line = line, .ignore_errors = *from == '-' };
	from += setting->ignore_errors;
	key = trimmed(&review->arena, from, equals ? equals : to);
	use_dots(key);
	setting->key = key;
	setting->is_glob = strpbrk(key, "*?") != NULL;
	if (equals)
		setting->value = with_single_blanks(trimmed(&review->arena, equals + 1, to));
}

/* "[sysctl]", as files of tuned.conf(5) have it. */
static bool is_section(const char *from, const char *to)
{
	if (to - from < 3 || *from != '[' || to[-1] != ']')
		return false;
	for (from++; from < to - 1; from++)
		if (!(*from >= 'a' && *from <= 'z') && !(*from >= 'A' && *from <= 'Z') &&
		    !(*from >= '0' && *from <= '9') && *from != '_' && *from != '-')
			return false;
	return true;
}

/* `elsewhere`: in a section that is not about sysctl. */
static void read_line(struct sysctl_review *review, bool *elsewhere, const char *from,
		      const char *to)
{
	static const char sysctl[] = "[sysctl]";

	while (from < to && is_blank(*from))
		from++;
	while (to > from && is_blank(to[-1]))
		to--;
	if (from >= to || *from == '#' || *from == ';')
		return;
	if (is_section(from, to)) {
		*elsewhere = (size_t)(to - from) != sizeof sysctl - 1 ||
			     strncmp(from, sysctl, sizeof sysctl - 1) != 0;
		return;
	}
	if (*elsewhere)
		return;
	review->too_many |= review->setting_count == SYSCTL_MOST_SETTINGS;
	if (!review->too_many)
		add_setting(review, review->lines, from, to);
}

static void read_lines(struct sysctl_review *review, const char *text)
{
	bool elsewhere = false;

	/* A byte order mark that an editor left in front. */
	if (!strncmp(text, "\xef\xbb\xbf", 3))
		text += 3;
	while (*text) {
		size_t length = strcspn(text, "\n");

		review->lines++;
		read_line(review, &elsewhere, text, text + length);
		text += length + (text[length] == '\n');
	}
}

struct sysctl_remark *sysctl_add_remark(struct sysctl_review *review,
					const struct sysctl_setting *setting,
					enum sysctl_verdict verdict, const char *reason)
{
	struct sysctl_remark *remark;

	array_reserve(review->remarks, review->remark_count, review->remark_capacity);
	remark = &review->remarks[review->remark_count++];
	*remark = (struct sysctl_remark){
		.setting = setting,
		.verdict = verdict,
		.reason = reason,
	};
	return remark;
}

const char *sysctl_last_value(const struct sysctl_review *review, const char *key)
{
	for (size_t i = review->setting_count; i--;) {
		const struct sysctl_setting *setting = &review->settings[i];

		if (setting->value && !setting->is_refused &&
		    (setting->is_glob ? sysctl_key_matches(setting->key, key) :
					!strcmp(setting->key, key)))
			return setting->value;
	}
	return NULL;
}

/* A later line of the same key with another value: the last one that the kernel takes wins. */
static const struct sysctl_setting *overrider(const struct sysctl_review *review, size_t index)
{
	const struct sysctl_setting *setting = &review->settings[index];

	if (setting->is_refused)
		return NULL;
	for (size_t i = review->setting_count; --i > index;) {
		const struct sysctl_setting *later = &review->settings[i];

		if (later->value && !later->is_refused && !strcmp(later->key, setting->key))
			return sysctl_value_is_same(later->value, setting->value) ? NULL :
										    later;
	}
	return NULL;
}

static void judge(struct sysctl_review *review, size_t index)
{
	const struct sysctl_setting *setting = &review->settings[index];
	const struct sysctl_setting *later;

	if (!setting->value) {
		if (!setting->ignore_errors)
			sysctl_add_remark(
				review, setting, SYSCTL_INVALID,
				N_("not a line of the form key = value; sysctl skips it"));
		return;
	}
	later = overrider(review, index);
	if (!later) {
		review->unrelated += !sysctl_judge(review, setting);
		return;
	}
	/* Only worth a line where the setting matters to ports. */
	if (!sysctl_judge(review, setting)) {
		review->unrelated++;
		return;
	}
	while (review->remark_count &&
	       review->remarks[review->remark_count - 1].setting == setting)
		review->remark_count--;
	sysctl_add_remark(review, setting, SYSCTL_OVERRIDDEN,
			  N_("set to something else by a later line, which wins"))
		->other_line = later->line;
}

void sysctl_review_make(struct sysctl_review *review, const char *text)
{
	*review = (struct sysctl_review){ 0 };
	read_lines(review, text);
	sysctl_mark_refused(review);
	for (size_t i = 0; i < review->setting_count; i++)
		judge(review, i);
}

void sysctl_review_free(struct sysctl_review *review)
{
	free(review->settings);
	free(review->remarks);
	arena_free(&review->arena);
}

bool sysctl_review_sets_nothing(const struct sysctl_review *review)
{
	return !review->setting_count && !review->too_many;
}

/* A key of sysctl has a separator and no blank. */
bool sysctl_review_is_sensible(const struct sysctl_review *review)
{
	size_t good = 0;

	for (size_t i = 0; i < review->setting_count; i++) {
		const struct sysctl_setting *setting = &review->settings[i];

		good += setting->value && strchr(setting->key, '.') &&
			!strpbrk(setting->key, " \t\"'(");
	}
	return good && 2 * good >= review->setting_count;
}

const char *sysctl_verdict_name(enum sysctl_verdict verdict)
{
	static const char *const names[] = {
		[SYSCTL_UNRELATED] = "unrelated",   [SYSCTL_HELPFUL] = "helpful",
		[SYSCTL_NEUTRAL] = "neutral",	    [SYSCTL_USELESS] = "useless",
		[SYSCTL_HARMFUL] = "harmful",	    [SYSCTL_REMOVED] = "removed",
		[SYSCTL_OVERRIDDEN] = "overridden", [SYSCTL_INVALID] = "invalid",
	};

	static_assert(sizeof names / sizeof names[0] == SYSCTL_VERDICT_COUNT,
		      "a name per verdict");
	return names[verdict];
}

const char *sysctl_verdict_title(enum sysctl_verdict verdict)
{
	static const char *const titles[] = {
		[SYSCTL_UNRELATED] = N_("unrelated"),	[SYSCTL_HELPFUL] = N_("helpful"),
		[SYSCTL_NEUTRAL] = N_("neutral"),	[SYSCTL_USELESS] = N_("useless"),
		[SYSCTL_HARMFUL] = N_("harmful"),	[SYSCTL_REMOVED] = N_("removed"),
		[SYSCTL_OVERRIDDEN] = N_("overridden"), [SYSCTL_INVALID] = N_("invalid"),
	};

	static_assert(sizeof titles / sizeof titles[0] == SYSCTL_VERDICT_COUNT,
		      "a title per verdict");
	return _(titles[verdict]);
}
