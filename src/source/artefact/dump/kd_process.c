#include "base/language.h"
#include "source/artefact/dossier.h"
#include "source/artefact/dump/hex.h"
#include "source/artefact/text/text_format.h"
#include "source/artefact/windows/told_process.h"

/*
 * What the kernel debugger prints for "!process 0 0", also of a kernel dump, which no other tool reads:
 *
 * PROCESS ffffa80e2b0c4080
 *     SessionId: 0  Cid: 0a4c    Peb: 3f2b0a1000  ParentCid: 0290
 *     DirBase: 1b3a4f002  ObjectTable: ffffd10e8a2f1c40  HandleCount: 12034.
 *     Image: billing.exe
 *
 * (learn.microsoft.com, !process). Process numbers are hexadecimal, handles decimal; a process that is ending has no table.
 */
struct listing {
	bool begun;
	int32_t pid;	 /* of the block that was begun; 0: not read yet */
	int64_t handles; /* -1: not read */
	uint64_t processes;
};

/* The word behind a label, which both stand among others in the line. */
static bool find_word(const struct line *line, const char *label, struct span *word)
{
	struct span words[16];
	size_t count = line_fields(line, words, 16);

	for (size_t i = 0; i + 1 < count; i++)
		if (span_is(words[i], label)) {
			*word = words[i + 1];
			return true;
		}
	return false;
}

static void begin_process(struct listing *listing)
{
	listing->begun = true;
	listing->pid = 0;
	listing->handles = -1;
}

/* The image ends the block, as it is the last that is wanted of it. */
static void end_process(struct listing *listing, struct dossier *dossier, struct span image)
{
	if (listing->pid > 0 && listing->handles >= 0) {
		told_process_handles(dossier, listing->pid, listing->handles);
		told_process_name(dossier, listing->pid, image);
		listing->processes++;
	}
	begin_process(listing);
}

static bool take_fact(struct listing *listing, struct dossier *dossier,
		      const struct line *line)
{
	struct span word;
	uint64_t number;

	if (find_word(line, "Cid:", &word)) {
		listing->pid = hex_number(word, INT32_MAX, &number) ? (int32_t)number : 0;
		return true;
	}
	if (find_word(line, "HandleCount:", &word)) {
		if (word.length && word.text[word.length - 1] == '.')
			word.length--;
		if (span_number(word, UINT32_MAX, &number))
			listing->handles = (int64_t)number;
		return true;
	}
	if (find_word(line, "Image:", &word)) {
		struct span image = line_trimmed(line);

		image.length -= (size_t)(word.text - image.text);
		image.text = word.text;
		end_process(listing, dossier, image);
		return true;
	}
	return false;
}

/* "PROCESS" and an address begin a block; in the file's first lines nothing else does. */
static bool is_beginning(const struct line *line)
{
	struct span words[3];
	size_t count = line_fields(line, words, 3);
	uint64_t address;

	return count == 2 && span_is(words[0], "PROCESS") && words[1].length >= 8 &&
	       hex_number(words[1], UINT64_MAX, &address);
}

static bool take(void *state, struct dossier *dossier, const struct text_context *context,
		 const struct line *line)
{
	struct listing *listing = state;

	(void)context;
	if (is_beginning(line)) {
		begin_process(listing);
		return true;
	}
	if (!listing->begun)
		return false;
	return line_is_blank(line) || take_fact(listing, dossier, line);
}

static void end(void *state, struct dossier *dossier, bool is_last)
{
	struct listing *listing = state;

	(void)is_last;
	if (!listing->processes)
		return;
	dossier_speaks_for(dossier, FROM_WINDOWS);
	dossier_count_records(dossier, listing->processes);
	dossier_used_for(dossier, N_("handles"));
}

const struct text_format text_format_kd_process = {
	.name = "kd-process",
	.state_size = sizeof(struct listing),
	.take = take,
	.end = end,
};
