#include "source/evidence/container.h"

#include <stdbool.h>
#include <string.h>

#define MAGIC(text) text, sizeof text - 1

static const struct {
	const char *bytes;
	size_t size;
	enum container container;
} magics[] = {
	{ MAGIC("PK\x03\x04"), CONTAINER_ARCHIVE },
	{ MAGIC("PK\x05\x06"), CONTAINER_ARCHIVE },   /* a zip without files */
	{ MAGIC("PK\x07\x08"), CONTAINER_ARCHIVE },   /* of several volumes */
	{ MAGIC("\x1F\x8B\x08"), CONTAINER_ARCHIVE }, /* gzip, RFC 1952 */
	{ MAGIC("\x1F\x9D"), CONTAINER_ARCHIVE },     /* compress */
	{ MAGIC("\xFD"
		"7zXZ\0"),
	  CONTAINER_ARCHIVE },
	{ MAGIC("LZIP\x01"), CONTAINER_ARCHIVE },
	{ MAGIC("\x28\xB5\x2F\xFD"), CONTAINER_ARCHIVE }, /* zstd, RFC 8878 */
	{ MAGIC("\x04\x22\x4D\x18"), CONTAINER_ARCHIVE }, /* lz4 */
	{ MAGIC("7z\xBC\xAF\x27\x1C"), CONTAINER_ARCHIVE },
	{ MAGIC("Rar!\x1A\x07"), CONTAINER_ARCHIVE },
	{ MAGIC("MSCF\0\0\0\0"), CONTAINER_ARCHIVE }, /* cab, MS-CAB 2.1 */
	{ MAGIC("ElfFile\0"), CONTAINER_EVTX },
};

/* "BZh", the size of blocks as a digit, and pi, which begins a block */
static bool is_bzip2(const uint8_t *bytes, size_t size)
{
	return size >= 10 && !memcmp(bytes, "BZh", 3) && bytes[3] >= '1' && bytes[3] <= '9' &&
	       !memcmp(bytes + 4, "1AY&SY", 6);
}

enum { TAR_HEAD = 512, TAR_SUM = 148, TAR_SUM_SIZE = 8 };

/* The sum of a head's bytes, its own place taken as blanks, stands in it in octal (tar(5)): old archives have no magic. */
static bool is_tar(const uint8_t *bytes, size_t size)
{
	unsigned told = 0, sum = 0;
	bool any = false;

	if (size < TAR_HEAD)
		return false;
	for (size_t i = 0; i < TAR_HEAD; i++)
		sum += i >= TAR_SUM && i < TAR_SUM + TAR_SUM_SIZE ? ' ' : bytes[i];
	for (size_t i = TAR_SUM; i < TAR_SUM + TAR_SUM_SIZE; i++) {
		if (bytes[i] >= '0' && bytes[i] <= '7') {
			told = told * 8 + (bytes[i] - '0');
			any = true;
		} else if (any) {
			break;
		}
	}
	return any && told == sum;
}

enum container container_of_bytes(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
		if (size >= magics[i].size && !memcmp(bytes, magics[i].bytes, magics[i].size))
			return magics[i].container;
	return is_tar(bytes, size) || is_bzip2(bytes, size) ? CONTAINER_ARCHIVE :
							      CONTAINER_NONE;
}
