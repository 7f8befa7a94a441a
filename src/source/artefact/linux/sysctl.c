#include "base/arena.h"
#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/linux/sysctl_fact.h"
#include "source/artefact/text/text_format.h"

#include <stdlib.h>
#include <string.h>

/*
 * What sysctl(8) prints: "net.ipv4.ip_local_port_range = 32768\t60999". Files of /etc/sysctl.d may look the same, and tell what is to
 * be set and not what is: a line without blanks around the sign, a comment, a key that is to be tried only, is theirs.
 * So nothing counts before the section is over.
 */
enum { SETTINGS_MOST = 64, TEXT_MOST = 1 << 20 };

struct sysctl_state {
	bool is_open, is_configuration;
	uint64_t lines;
	size_t count;
	struct kept {
		char *text; /* name and value, one behind the other */
		size_t name, value;
	} kept[SETTINGS_MOST];
};

/* "net.ipv4.tcp_tw_reuse", whatever it is: the first word of a line before " = ". */
static bool is_name(struct span name)
{
	static const char *const folders[] = { "net.",	  "kernel.", "fs.",	"vm.",
					       "dev.",	  "debug.",  "user.",	"abi.",
					       "crypto.", "sunrpc.", "fscache." };

	for (size_t i = 0; i < name.length; i++)
		if ((unsigned char)name.text[i] <= ' ' || name.text[i] == '=' ||
		    name.text[i] == '*')
			return false;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (name.length > strlen(folders[i]) &&
		    !memcmp(name.text, folders[i], strlen(folders[i])))
			return true;
	return false;
}

static bool split(const struct line *line, struct span *name, struct span *value, bool *tight)
{
	const struct span text = line_trimmed(line);
	const char *sign = text.length ? memchr(text.text, '=', text.length) : NULL;
	struct line behind;

	if (!sign)
		return false;
	*name = (struct span){ text.text, (size_t)(sign - text.text) };
	*tight = !name->length || name->text[name->length - 1] != ' ';
	if (!*tight)
		name->length--;
	behind = (struct line){ .text = sign + 1,
				.length = text.length - (size_t)(sign + 1 - text.text) };
	*value = line_trimmed(&behind);
	return is_name(*name);
}

static struct kept *place_for(struct sysctl_state *state, struct span name)
{
	for (size_t i = 0; i < state->count; i++)
		if (state->kept[i].name == name.length &&
		    !memcmp(state->kept[i].text, name.text, name.length))
			return &state->kept[i];
	return state->count < SETTINGS_MOST ? &state->kept[state->count++] : NULL;
}

/* What matters: the rest of its thousand lines is only counted. */
static void keep(struct sysctl_state *state, struct span name, struct span value)
{
	struct kept *kept = sysctl_fact_is_known(name) ? place_for(state, name) : NULL;

	if (!kept)
		return;
	free(kept->text);
	kept->text = memory_zeroed(name.length + value.length + 1, 1);
	memcpy(kept->text, name.text, name.length);
	memcpy(kept->text + name.length, value.text, value.length);
	kept->name = name.length;
	kept->value = value.length;
}

/* A comment; "# sysctl -a" is root's prompt. */
static bool is_comment(const char *text, size_t length)
{
	const struct span span = { text, length };

	return length && (*text == '#' || *text == ';') && !span_has(span, "sysctl ");
}

static bool take(void *memory, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct sysctl_state *state = memory;
	const struct span text = line_trimmed(line);
	struct span name, value;
	bool tight;

	(void)dossier;
	if (split(line, &name, &value, &tight) && (!tight || name.text[0] != '-')) {
		if (!state->is_open)
			state->is_configuration =
				is_comment(context->before[0], strlen(context->before[0]));
		state->is_open = true;
		state->is_configuration |= tight;
		state->lines++;
		keep(state, name, value);
		return true;
	}
	if (!state->is_open)
		return false;
	if (is_comment(text.text, text.length)) {
		state->is_configuration = true;
		return true;
	}
	return line_begins(line, "sysctl: ");
}

static void commit(struct sysctl_state *state, struct dossier *dossier)
{
	uint64_t taken = 0;

	for (size_t i = 0; i < state->count; i++) {
		const struct kept *kept = &state->kept[i];
		const struct span name = { kept->text, kept->name };
		const struct span value = { kept->text + kept->name, kept->value };

		if (sysctl_fact(dossier, name, value))
			taken++;
		else
			dossier_note(dossier, _("%.*s has a value that Linux never gives it"),
				     (int)kept->name, kept->text);
	}
	if (!taken)
		return;
	dossier_speaks_for(dossier, FROM_LINUX);
	dossier_count_records(dossier, taken);
	dossier_used_for(dossier, N_("settings"));
}

static void end(void *memory, struct dossier *dossier, bool is_last)
{
	struct sysctl_state *state = memory;

	(void)is_last;
	if (state->is_configuration)
		dossier_note(
			dossier, "%s",
			_("it is a configuration: what is to be set at the next boot, and not "
			  "what is in force; sysctl -a tells that"));
	else
		commit(state, dossier);
	for (size_t i = 0; i < state->count; i++)
		free(state->kept[i].text);
}

const struct text_format text_format_sysctl = {
	.name = "sysctl",
	.state_size = sizeof(struct sysctl_state),
	.take = take,
	.end = end,
};
