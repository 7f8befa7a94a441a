#include "libexec/cage.h"
#include "libexec/frame_out.h"

#include <archive.h>
#include <archive_entry.h>

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * portroom-unpack: the files of an archive on standard input, as frames. Nothing is written anywhere else: names are names.
 *
 * Filters that libarchive would run other programs for (lrzip, lzop, grzip, uuencode's friends) are left out.
 */
enum { BLOCK = 1 << 16 };

static void take_all_kinds(struct archive *archive)
{
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_lzip(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_lz4(archive);
	archive_read_support_filter_compress(archive);
	archive_read_support_format_tar(archive);
	archive_read_support_format_zip(archive);
	archive_read_support_format_7zip(archive);
	archive_read_support_format_cab(archive);
	archive_read_support_format_rar(archive);
	archive_read_support_format_rar5(archive);
	archive_read_support_format_cpio(archive);
}

/* A single file that was compressed is no archive. If both were asked for, an archive cut within its first head would be
 * taken for a file, so that it is asked for only when nothing else fits. */
static void take_single_file(struct archive *archive)
{
	take_all_kinds(archive);
	archive_read_support_format_raw(archive);
}

static struct archive *open_as(void (*take)(struct archive *), int *result)
{
	struct archive *archive = archive_read_new();

	if (!archive)
		return NULL;
	take(archive);
	lseek(STDIN_FILENO, 0, SEEK_SET);
	*result = archive_read_open_fd(archive, STDIN_FILENO, BLOCK);
	return archive;
}

static const char *words_of(struct archive *archive)
{
	return archive_error_string(archive);
}

/* libarchive says so in words only: archive_read_support_format_zip.c, _7zip.c, _rar.c, 3.6.2 */
static bool speaks_of_encryption(const char *words)
{
	return words && (strstr(words, "ncrypt") || strstr(words, "assphrase") ||
			 strstr(words, "assword"));
}

static enum frame_why why_of(struct archive *archive)
{
	return speaks_of_encryption(words_of(archive)) ? WHY_ENCRYPTED : WHY_DAMAGED;
}

static const char *name_of(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname_utf8(entry);

	if (!name)
		name = archive_entry_pathname(entry);
	return name ? name : "?";
}

/* Holes between the pieces are zeros; a hole may be of any size, and an end that was promised in vain is no piece. */
static int put_data(struct archive *archive)
{
	static const uint8_t zeros[BLOCK];
	const void *piece;
	size_t size;
	la_int64_t offset, at = 0;
	int result;

	while ((result = archive_read_data_block(archive, &piece, &size, &offset)) ==
		       ARCHIVE_OK ||
	       result == ARCHIVE_WARN) {
		while (at < offset) {
			size_t part = offset - at < BLOCK ? (size_t)(offset - at) : BLOCK;

			frame_out_data(zeros, part);
			at += (la_int64_t)part;
		}
		frame_out_data(piece, size);
		at += (la_int64_t)size;
	}
	return result;
}

/* false: behind it nothing can be read any more. */
static bool put_member(struct archive *archive, struct archive_entry *entry, const char *name)
{
	int64_t modified_ms = archive_entry_mtime_is_set(entry) ?
				      (int64_t)archive_entry_mtime(entry) * 1000 :
				      0;
	const mode_t type = archive_entry_filetype(entry);
	int result;

	if (type == AE_IFDIR)
		return true;
	frame_out_member(name, modified_ms);
	if (type == AE_IFLNK || archive_entry_hardlink(entry)) {
		frame_out_end(WHY_LINK, NULL);
		return true;
	}
	if (type && type != AE_IFREG) {
		frame_out_end(WHY_NO_FILE, NULL);
		return true;
	}
	if (archive_entry_is_data_encrypted(entry)) {
		frame_out_end(WHY_ENCRYPTED, NULL);
		return true;
	}
	result = put_data(archive);
	frame_out_end(result == ARCHIVE_EOF ? WHY_NOTHING : why_of(archive),
		      result == ARCHIVE_EOF ? NULL : words_of(archive));
	return result != ARCHIVE_FATAL;
}

static bool is_single_file(struct archive *archive)
{
	return archive_format(archive) == ARCHIVE_FORMAT_RAW;
}

/* How the archive ends; the words are libarchive's. Where it says that the next head may be better, it is tried. */
static enum frame_why put_members(struct archive *archive)
{
	enum frame_why why = WHY_NOTHING;
	struct archive_entry *entry;
	int result;

	while ((result = archive_read_next_header(archive, &entry)) == ARCHIVE_OK ||
	       result == ARCHIVE_WARN || result == ARCHIVE_RETRY) {
		if (result == ARCHIVE_RETRY)
			why = WHY_DAMAGED;
		else if (!put_member(archive, entry,
				     is_single_file(archive) ? "" : name_of(entry)))
			return why_of(archive);
	}
	return result == ARCHIVE_EOF ? why : why_of(archive);
}

static bool has_format(struct archive *archive)
{
	return archive_format(archive) != 0;
}

int main(void)
{
	struct archive *archive;
	enum frame_why why;
	int result = ARCHIVE_FATAL;

	setlocale(LC_CTYPE, "C.UTF-8"); /* names are UTF-8, whatever they were */
	cage_enter();
	archive = open_as(take_all_kinds, &result);
	why = archive && result == ARCHIVE_OK ? put_members(archive) : WHY_DAMAGED;
	if (archive && why != WHY_NOTHING && !has_format(archive)) {
		archive_read_free(archive);
		archive = open_as(take_single_file, &result);
		why = archive && result == ARCHIVE_OK ? put_members(archive) : WHY_DAMAGED;
	}
	frame_out_whole(why, archive && why != WHY_NOTHING ? words_of(archive) : NULL);
	if (archive)
		archive_read_free(archive);
	return 0;
}
