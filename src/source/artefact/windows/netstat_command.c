#include "source/artefact/windows/netstat_command.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void take_letters(struct netstat_command *command, const char *letters, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		switch (letters[i] | 0x20) {
		case 'a':
			command->all = true;
			break;
		case 'n':
			command->numeric = true;
			break;
		case 'o':
			command->owners = true;
			break;
		case 'b':
			command->programs = true;
			break;
		case 'q': /* "all connections, listening ports, and bound ports": it needs no -a */
			command->bound = command->all = true;
			break;
		default:
			break;
		}
	}
}

static void take_protocol(struct netstat_command *command, const char *word, size_t length)
{
	if (length < 3)
		return;
	command->no_udp = !strncasecmp(word, "tcp", 3);
	command->no_tcp = !strncasecmp(word, "udp", 3);
	command->is_filtered |=
		(command->no_udp || command->no_tcp) && length == 5 && word[3] != '\0';
}

/* "netstat" and not "mynetstat.txt": a program's name, perhaps with a path before it. */
static const char *find_name(const char *line)
{
	for (const char *at = line; *at; at++) {
		size_t length = 7;

		if (strncasecmp(at, "netstat", length) != 0)
			continue;
		if (at > line && !strchr(" \t>\\/\"#$&(|", at[-1]))
			continue;
		if (!strncasecmp(at + length, ".exe", 4))
			length += 4;
		if (at[length] == '"')
			length++;
		if (!at[length] || strchr(" \t>|-/", at[length]))
			return at + length;
	}
	return NULL;
}

bool netstat_command_read(const char *line, struct netstat_command *command)
{
	const char *at = find_name(line);
	bool wants_protocol = false;

	if (!at)
		return false;
	*command = (struct netstat_command){ .is_echoed = true };
	while (*at) {
		size_t length;

		at += strspn(at, " \t");
		length = strcspn(at, " \t");
		if (*at == '|' || *at == '>' || *at == '&' || *at == '<') {
			command->is_filtered |= *at == '|';
			break;
		}
		if (wants_protocol)
			take_protocol(command, at, length);
		wants_protocol = false;
		if (*at == '-' || *at == '/') {
			take_letters(command, at + 1, length - 1);
			wants_protocol = length > 1 && (at[length - 1] | 0x20) == 'p';
		}
		at += length;
	}
	return true;
}

void netstat_command_print(const struct netstat_command *command, char *text, size_t size)
{
	const char letters[] = {
		command->all ? 'a' : ' ',    command->numeric ? 'n' : ' ',
		command->owners ? 'o' : ' ', command->programs ? 'b' : ' ',
		command->bound ? 'q' : ' ',
	};
	char kept[sizeof letters + 1] = "";
	size_t count = 0;

	for (size_t i = 0; i < sizeof letters; i++)
		if (letters[i] != ' ')
			kept[count++] = letters[i];
	kept[count] = '\0';
	snprintf(text, size, "netstat%s%s%s", count ? " -" : "", kept,
		 command->is_echoed && command->no_udp ? " -p tcp" :
		 command->is_echoed && command->no_tcp ? " -p udp" :
							 "");
}
