#include "source/artefact/windows/netsh.h"

#include "base/language.h"
#include "source/artefact/dossier.h"

#include <string.h>

static struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

static bool find_protocol(struct span text, enum protocol *protocol)
{
	bool tcp = span_has(text, "tcp"), udp = span_has(text, "udp");

	if (tcp == udp)
		return false;
	*protocol = tcp ? PROTOCOL_TCP : PROTOCOL_UDP;
	return true;
}

/* "netsh int ip" is IPv4. */
static uint8_t find_family(struct span text)
{
	bool v6 = span_has(text, "ipv6"),
	     v4 = span_has(text, "ipv4") ||
		  (!v6 && span_has(text, "netsh") && span_has(text, " ip "));

	return v4 == v6 ? FAMILY_NONE : v6 ? FAMILY_IPV6 : FAMILY_IPV4;
}

/* Never past the dashes of another output: what stands before them is that one's. */
void netsh_subject_find(struct netsh_subject *subject, const struct text_context *context,
			int from)
{
	size_t groups[4];

	*subject = (struct netsh_subject){ .protocol = PROTOCOL_TCP };
	for (int i = from; i < CONTEXT_LINES; i++) {
		struct span text = span_of(context->before[i]);

		if (netsh_dashes(text, groups, 4))
			break;
		if (!subject->protocol_known)
			subject->protocol_known = find_protocol(text, &subject->protocol);
		if (!subject->family)
			subject->family = find_family(text);
	}
}

size_t netsh_dashes(struct span text, size_t *groups, size_t most)
{
	const struct line line = { .text = text.text, .length = text.length };
	struct span fields[8];
	size_t count = line_fields(&line, fields, most < 8 ? most : 8);

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < fields[i].length; j++)
			if (fields[i].text[j] != '-')
				return 0;
		groups[i] = fields[i].length;
	}
	return count;
}

void netsh_families(const struct netsh_subject *subject, unsigned nth, bool families[2])
{
	families[0] = subject->family == FAMILY_IPV4 || (!subject->family && nth % 2 == 0);
	families[1] = subject->family == FAMILY_IPV6 || !subject->family;
}

void netsh_note_unsaid(struct dossier *dossier, const unsigned unsaid[PROTOCOL_COUNT])
{
	if (unsaid[PROTOCOL_TCP] > 1 || unsaid[PROTOCOL_UDP] > 1)
		dossier_note(
			dossier,
			_("IPv4 or IPv6 is not said: the first was taken for IPv4, the second for IPv6"));
	else if (unsaid[PROTOCOL_TCP] || unsaid[PROTOCOL_UDP])
		dossier_note(dossier, _("IPv4 or IPv6 is not said: taken for both"));
}
