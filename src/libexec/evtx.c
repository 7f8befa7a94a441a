#include "libexec/cage.h"
#include "libexec/frame_out.h"

#include <libbfio.h>
#include <libevtx.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * portroom-evtx: the records of a Windows event log on standard input, as one file of XML in frames. Each record is an
 * Event as wevtutil writes it; those that libevtx found in what is no longer in use have recovered="1". Before them all
 * stands what the log says of itself:
 *
 *     <Log records="1160" recovered="25" corrupted="1" dirty="1"/>
 */
enum { XML_MOST = 1 << 20, OUT_MOST = 1 << 18 };

struct output {
	char bytes[OUT_MOST];
	size_t size;
};

static void flush(struct output *output)
{
	frame_out_data(output->bytes, output->size);
	output->size = 0;
}

static void put(struct output *output, const char *bytes, size_t size)
{
	if (output->size + size > OUT_MOST)
		flush(output);
	if (size > OUT_MOST) {
		frame_out_data(bytes, size);
		return;
	}
	memcpy(output->bytes + output->size, bytes, size);
	output->size += size;
}

static void put_text(struct output *output, const char *text)
{
	put(output, text, strlen(text));
}

/* The library's XML begins with "<Event"; the size that it tells counts the zero. */
static void put_xml(struct output *output, const char *xml, size_t size, int recovered)
{
	static const char tag[] = "<Event";
	size_t length = strnlen(xml, size);

	if (recovered && length > strlen(tag) && !memcmp(xml, tag, strlen(tag))) {
		put_text(output, "<Event recovered=\"1\"");
		xml += strlen(tag);
		length -= strlen(tag);
	}
	put(output, xml, length);
	put_text(output, "\n");
}

/* -1: it cannot be read. */
static int put_record(struct output *output, libevtx_record_t *record, int recovered)
{
	size_t size = 0;
	char *xml;
	int result = -1;

	if (libevtx_record_get_utf8_xml_string_size(record, &size, NULL) != 1 || !size ||
	    size > XML_MOST)
		return -1;
	xml = malloc(size);
	if (!xml)
		return -1;
	if (libevtx_record_get_utf8_xml_string(record, (uint8_t *)xml, size, NULL) == 1) {
		put_xml(output, xml, size, recovered);
		result = 0;
	}
	free(xml);
	return result;
}

typedef int (*get_record)(libevtx_file_t *file, int index, libevtx_record_t **record,
			  libevtx_error_t **error);

/* How many could not be read. Of what is no longer in use that is most: its templates are gone. */
static unsigned put_records(struct output *output, libevtx_file_t *file, get_record get,
			    int count, int recovered)
{
	unsigned unread = 0;

	for (int i = 0; i < count; i++) {
		libevtx_record_t *record = NULL;

		if (get(file, i, &record, NULL) != 1 || put_record(output, record, recovered))
			unread++;
		if (record)
			libevtx_record_free(&record, NULL);
	}
	return unread;
}

/* Those that are in use last, so that the latest event is one of them. */
static unsigned put_log(struct output *output, libevtx_file_t *file)
{
	int records = 0, recovered = 0;
	uint32_t flags = 0;
	char text[128];

	libevtx_file_get_number_of_records(file, &records, NULL);
	libevtx_file_get_number_of_recovered_records(file, &recovered, NULL);
	libevtx_file_get_flags(file, &flags, NULL);
	snprintf(text, sizeof text,
		 "<Log records=\"%d\" recovered=\"%d\" corrupted=\"%d\" dirty=\"%d\"/>\n",
		 records, recovered, libevtx_file_is_corrupted(file, NULL) == 1,
		 (flags & LIBEVTX_FILE_FLAG_IS_DIRTY) != 0);
	put_text(output, text);
	put_records(output, file, libevtx_file_get_recovered_record_by_index, recovered, 1);
	return put_records(output, file, libevtx_file_get_record_by_index, records, 0);
}

/* From memory, since nothing can be opened any more. NULL: the library refuses it. */
static libevtx_file_t *open_log(libbfio_handle_t **handle)
{
	libevtx_file_t *file = NULL;
	struct stat about;
	void *bytes;

	if (fstat(STDIN_FILENO, &about) || about.st_size <= 0)
		return NULL;
	bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
	if (bytes == MAP_FAILED)
		return NULL;
	if (libbfio_memory_range_initialize(handle, NULL) == 1 &&
	    libbfio_memory_range_set(*handle, bytes, (size_t)about.st_size, NULL) == 1 &&
	    libevtx_file_initialize(&file, NULL) == 1 &&
	    libevtx_file_open_file_io_handle(file, *handle, LIBEVTX_OPEN_READ, NULL) == 1)
		return file;
	if (file)
		libevtx_file_free(&file, NULL);
	return NULL;
}

int main(void)
{
	static struct output output;
	libbfio_handle_t *handle = NULL;
	libevtx_file_t *file;
	unsigned unread;
	char number[16];

	cage_enter();
	file = open_log(&handle);
	if (!file) {
		frame_out_whole(WHY_DAMAGED, NULL);
		return 0;
	}
	frame_out_member("", 0);
	unread = put_log(&output, file);
	flush(&output);
	snprintf(number, sizeof number, "%u", unread);
	frame_out_end(unread ? WHY_NOT_OF_ALL : WHY_NOTHING, unread ? number : NULL);
	frame_out_whole(WHY_NOTHING, NULL);
	libevtx_file_free(&file, NULL);
	libbfio_handle_free(&handle, NULL);
	return 0;
}
