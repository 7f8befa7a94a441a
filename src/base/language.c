#include "base/language.h"

#include "base/embedded.h"

#include <stdint.h>
#include <string.h>

/*
 * A compiled catalogue (GNU gettext manual, "The Format of GNU MO Files"): a header of 32-bit words,
 * then two tables of (length, offset), the originals sorted by their bytes. Written little-endian by
 * our build; the plural forms of a text follow each other, each ended by NUL. Chinese has one form.
 */
enum { MAGIC = 0x950412de, HEADER_SIZE = 28, ENTRY_SIZE = 8 };

extern const struct embedded_file language_catalogues[];

static const struct embedded_file *catalogue; /* NULL: English */

static uint32_t word_at(size_t offset)
{
	const unsigned char *byte = (const unsigned char *)catalogue->bytes + offset;

	return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 |
	       (uint32_t)byte[3] << 24;
}

static const char *text_in(uint32_t table, uint32_t index)
{
	return catalogue->bytes + word_at(table + (size_t)index * ENTRY_SIZE + 4);
}

/* NULL where the catalogue has it not. The empty text is the catalogue's own header. */
static const char *look_up(const char *text)
{
	uint32_t low = 0, high, originals, translations;

	if (!catalogue || !*text || catalogue->size < HEADER_SIZE || word_at(0) != MAGIC)
		return NULL;
	high = word_at(8);
	originals = word_at(12);
	translations = word_at(16);
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(text, text_in(originals, middle));

		if (!order)
			return text_in(translations, middle);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *language_text(const char *text)
{
	const char *translated = look_up(text);

	return translated ? translated : text;
}

const char *language_plural(const char *one, const char *many, unsigned long number)
{
	const char *translated = look_up(one);

	return translated ? translated : number == 1 ? one : many;
}

/* What the files and sockets of other processes are refused with. glibc has these in its own
 * catalogue, which a machine without the locale has not. */
static const char *const errors[] = {
	N_("Operation not permitted"),
	N_("No such file or directory"),
	N_("No such process"),
	N_("Interrupted system call"),
	N_("Input/output error"),
	N_("Bad file descriptor"),
	N_("Resource temporarily unavailable"),
	N_("Cannot allocate memory"),
	N_("Permission denied"),
	N_("File exists"),
	N_("Not a directory"),
	N_("Is a directory"),
	N_("Invalid argument"),
	N_("Too many open files in system"),
	N_("Too many open files"),
	N_("No space left on device"),
	N_("Read-only file system"),
	N_("Broken pipe"),
	N_("Function not implemented"),
	N_("Too many levels of symbolic links"),
	N_("File name too long"),
	N_("Operation not supported"),
	N_("Protocol not supported"),
	N_("Address family not supported by protocol"),
	N_("No buffer space available"),
	N_("Network is down"),
	N_("Network is unreachable"),
	N_("No route to host"),
};

const char *language_errno(int number)
{
	const char *english = strerror(number);

	(void)errors;
	return language_text(english);
}

void language_english(void)
{
	catalogue = NULL;
}

/* Of a locale name: language[_territory][.codeset][@modifier]. */
struct locale_name {
	char language[16]; /* "zh_CN" */
	bool codeset_given, utf8;
};

static bool is_utf8(const char *codeset)
{
	return !strncmp(codeset, "UTF-8", 5) || !strncmp(codeset, "utf8", 4) ||
	       !strncmp(codeset, "utf-8", 5) || !strncmp(codeset, "UTF8", 4);
}

static struct locale_name parse(const char *name, size_t length)
{
	struct locale_name parsed = { .utf8 = true };
	size_t end = strcspn(name, ".@");

	if (end > length)
		end = length;
	if (end < length && name[end] == '.') {
		parsed.codeset_given = true;
		parsed.utf8 = is_utf8(name + end + 1);
	}
	if (end < sizeof parsed.language)
		memcpy(parsed.language, name, end);
	return parsed;
}

/* Simplified Chinese is that of the mainland and of Singapore; who asks for another gets English,
 * which everybody here reads, instead of characters he may not. */
static const char *catalogue_for(const char *language)
{
	static const char *const chinese[] = { "zh",	"zh_CN",      "zh_SG",	    "zh_Hans",
					       "zh-CN", "zh-Hans",    "zh_Hans_CN", "chinese",
					       "zh-SG", "zh-Hans-CN", "zh_cn",	    "zh-cn" };

	for (size_t i = 0; i < sizeof chinese / sizeof chinese[0]; i++)
		if (!strcmp(language, chinese[i]))
			return "zh_CN.mo";
	return NULL;
}

static bool is_english(const char *language)
{
	return !strcmp(language, "en") || !strncmp(language, "en_", 3) ||
	       !strncmp(language, "en-", 3) || !strcmp(language, "C") ||
	       !strcmp(language, "POSIX");
}

/* Whether it is spoken; then it is spoken from now on. */
static bool speak(const char *language)
{
	const char *name = catalogue_for(language);

	if (!name) {
		catalogue = NULL;
		return is_english(language);
	}
	for (catalogue = language_catalogues; catalogue->name; catalogue++)
		if (!strcmp(catalogue->name, name))
			return true;
	catalogue = NULL;
	return false;
}

/* The first that is set and not empty. */
static const char *locale_of(const struct language_environment *environment)
{
	const char *const names[] = { environment->lc_all, environment->lc_messages,
				      environment->lang };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i] && *names[i])
			return names[i];
	return "C";
}

void language_from_environment(const struct language_environment *environment)
{
	const char *locale = locale_of(environment), *list = environment->language;
	struct locale_name base = parse(locale, strlen(locale));

	language_english();
	/* "C.UTF-8" is a locale with characters, in which LANGUAGE counts; "C" is not. */
	if (!strcmp(locale, "C") || !strcmp(locale, "POSIX") || !base.utf8)
		return;
	while (list && *list) {
		size_t length = strcspn(list, ":");

		if (length && speak(parse(list, length).language))
			return;
		list += length + (list[length] == ':');
	}
	/* Without a codeset, zh_CN is GB 2312, which we do not write. */
	if (base.codeset_given)
		speak(base.language);
}

bool language_locale_is_utf8(const char *locale)
{
	struct locale_name name = parse(locale, strlen(locale));

	return name.codeset_given && name.utf8;
}

int language_select(const char *name, struct error *error)
{
	struct locale_name parsed = parse(name, strlen(name));

	if (*parsed.language && parsed.utf8 && speak(parsed.language))
		return 0;
	return error_set(error,
			 _("--lang '%s': portroom speaks en (English) and zh_CN (Chinese)"),
			 name);
}

const char *language_name(void)
{
	return catalogue ? "zh_CN" : "en";
}
