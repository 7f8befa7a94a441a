#include "knowledge/sysctl_value.h"

#include <string.h>

static unsigned digit_of(char letter)
{
	if (letter >= '0' && letter <= '9')
		return (unsigned)(letter - '0');
	if (letter >= 'a' && letter <= 'f')
		return (unsigned)(letter - 'a') + 10;
	return letter >= 'A' && letter <= 'F' ? (unsigned)(letter - 'A') + 10 : UINT8_MAX;
}

/* A number in C's notation. Returns what follows; NULL: none, or more than 32 bits. */
static const char *take_digits(const char *text, uint64_t *number)
{
	bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned base = hexadecimal ? 16 : *text == '0' ? 8 : 10;
	const char *at = text + (hexadecimal ? 2 : 0), *first = at;

	for (*number = 0; digit_of(*at) < base; at++) {
		*number = *number * base + digit_of(*at);
		if (*number > UINT32_MAX)
			return NULL;
	}
	return at == first ? NULL : at;
}

/*
 * Linux kernel/sysctl.c, proc_get_long(): a blank or the end stands behind a number, and what follows
 * the last number that a setting takes is ignored. Returns what follows; NULL: no number.
 */
const char *sysctl_value_number(const char *text, int64_t *number)
{
	bool negative = *text == '-';
	uint64_t value;
	const char *rest = take_digits(text + negative, &value);

	if (!rest || (*rest && *rest != ' '))
		return NULL;
	*number = negative ? -(int64_t)value : (int64_t)value;
	return rest + (*rest == ' ');
}

/* Linux net/ipv4/sysctl_net_ipv4.c, ipv4_local_port_range(). Returns what follows, as above. */
const char *sysctl_value_range(const char *value, struct sysctl_range *range)
{
	int64_t first, last;
	const char *rest = sysctl_value_number(value, &first);

	if (!rest || first < 1 || first > UINT16_MAX)
		return NULL;
	*range = (struct sysctl_range){ (uint64_t)first, (uint64_t)first, !*rest };
	if (!*rest)
		return rest;
	rest = sysctl_value_number(rest, &last);
	if (!rest || last < first || last > UINT16_MAX)
		return NULL;
	range->last = (uint64_t)last;
	return rest;
}

bool sysctl_value_count(const char *value, uint64_t *number)
{
	int64_t taken;

	if (!sysctl_value_number(value, &taken) || taken < 0)
		return false;
	*number = (uint64_t)taken;
	return true;
}

/*
 * Linux kernel/sysctl.c, proc_do_large_bitmap(): ports and A-B, separated by single commas and
 * nothing else. `steps` (of 65,537; NULL: only looks) is raised where listed ports begin and lowered
 * behind them.
 */
bool sysctl_value_ports(const char *value, int *steps)
{
	while (*value) {
		const char *rest;
		uint64_t first, last;

		rest = take_digits(value, &first);
		last = first;
		if (rest && *rest == '-')
			rest = take_digits(rest + 1, &last);
		if (!rest || last < first || last > UINT16_MAX || (*rest && *rest != ','))
			return false;
		value = rest + (*rest == ',');
		if (steps) {
			steps[first]++;
			steps[last + 1]--;
		}
	}
	return true;
}

bool sysctl_value_is_same(const char *one, const char *other)
{
	int64_t first, second;
	unsigned numbers = 0;

	while (*one && *other) {
		const char *rest = sysctl_value_number(one, &first);
		const char *other_rest = sysctl_value_number(other, &second);

		if (!rest || !other_rest)
			break;
		if (first != second)
			return false;
		numbers++;
		one = rest;
		other = other_rest;
	}
	return numbers || !strcmp(one, other);
}
