#include "base/json.h"
#include "base/language.h"
#include "base/text.h"
#include "command/command.h"
#include "command/filter.h"
#include "command/groups.h"
#include "command/terminal.h"
#include "view/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
	struct filter filter;
	struct groups groups;
	bool lines; /* --jsonl */
	bool no_owners;
	bool as_json, begun;
	const char *file; /* that is read; NULL: none */
	struct json json;
	struct view_style style;
};

static int take_keys(struct groups *groups, const char *value, struct error *error)
{
	const char *words[LIST_KEY_COUNT + 1] = { NULL };
	const char *nearest;

	for (int key = 0; key < LIST_KEY_COUNT; key++)
		words[key] = list_key_word(key);
	groups->key_count = 0;
	for (;; value++) {
		size_t length = strcspn(value, ",");
		char word[32];
		int key = 0;

		snprintf(word, sizeof word, "%.*s", (int)length, value);
		while (key < LIST_KEY_COUNT && strcmp(word, words[key]))
			key++;
		nearest = key < LIST_KEY_COUNT ? NULL : text_nearest(word, words);
		if (nearest)
			return error_set(
				error,
				_("--by '%.*s' is nothing to group by; did you mean %s?"),
				(int)length, value, nearest);
		if (key == LIST_KEY_COUNT)
			return error_set(error,
					 _("--by '%.*s' is nothing to group by; give netns, "
					   "protocol, state, process, pid, user, unit, "
					   "container, src, port, dst or dport"),
					 (int)length, value);
		for (size_t i = 0; i < groups->key_count; i++)
			if (groups->keys[i] == (enum list_key)key)
				return error_set(error, _("--by names '%s' twice"), word);
		groups->keys[groups->key_count++] = (enum list_key)key;
		value += length;
		if (!*value)
			return 0;
	}
}

static int take_option(void *context, const char *name, const char *value, struct error *error)
{
	struct list *list = context;
	int taken = filter_take(&list->filter, name, value, error);

	if (taken)
		return taken < 0 ? -1 : 0;
	if (!strcmp(name, "by"))
		return take_keys(&list->groups, value, error);
	if (!strcmp(name, "jsonl"))
		list->lines = true;
	else
		list->no_owners = true;
	return 0;
}

/* Before the first row, so that nothing is half written if reading fails at once. Rows come first
 * because namespaces, gaps and sources are known when all is read. */
static void begin(struct list *list, const struct snapshot *snapshot)
{
	if (list->begun)
		return;
	list->begun = true;
	if (list->as_json && !list->lines) {
		json_object(&list->json, NULL);
		json_text(&list->json, "schema", "portroom.list/1");
		json_array(&list->json, "by");
		for (size_t i = 0; i < list->groups.key_count; i++)
			json_text(&list->json, NULL, list_key_word(list->groups.keys[i]));
		json_end_array(&list->json);
		json_array(&list->json, "rows");
	} else if (!list->as_json && list->groups.key_count) {
		list_group_heading_text(snapshot, list->groups.keys, list->groups.key_count,
					&list->style);
	} else if (!list->as_json) {
		list_heading_text(snapshot, &list->style);
	}
}

static void take_socket(void *context, const struct snapshot *snapshot, uint32_t netns,
			enum owner_kind owner_kind, uint32_t owner,
			const struct socket_record *record)
{
	struct list *list = context;
	struct list_row row = {
		.snapshot = snapshot,
		.netns = netns,
		.owner_kind = owner_kind,
		.process = owner_is_process(owner_kind) ? &snapshot->processes[owner] : NULL,
		.record = record,
	};

	if (!filter_match(&list->filter, row.process, record))
		return;
	begin(list, snapshot);
	if (list->groups.key_count)
		groups_add(&list->groups, snapshot, netns, owner_kind, owner, record);
	else if (list->as_json)
		list_row_json(&row, &list->json);
	else
		list_row_text(&row, &list->style);
}

static void write_groups(struct list *list, const struct snapshot *snapshot)
{
	struct groups *groups = &list->groups;

	groups_sort(groups, snapshot);
	for (size_t i = 0; i < groups->count; i++) {
		const struct list_group *group = &groups->sorted[i]->shown;

		if (list->as_json)
			list_group_json(group, groups->keys, groups->key_count, &list->json);
		else
			list_group_text(group, groups->keys, groups->key_count, &list->style);
	}
}

static void end(struct list *list, const struct snapshot *snapshot)
{
	struct json *json = &list->json;

	/* Not on standard output: that is rows. */
	if (!list->begun && !list->as_json && !filter_is_empty(&list->filter))
		command_fail(0, _("no socket matches"));
	begin(list, snapshot); /* there may have been no row */
	write_groups(list, snapshot);
	if (!list->as_json) {
		view_text_gaps(snapshot, &list->style);
		evidence_brief_text(snapshot, list->file, &list->style);
		if (list->style.verbose)
			view_text_sources(snapshot, &list->style);
	} else if (!list->lines) {
		json_end_array(json);
		view_json_time(json, "time", snapshot->time_ms);
		view_json_host(json, snapshot);
		view_json_namespaces(json, snapshot);
		view_json_gaps(json, snapshot);
		view_json_sources(json, snapshot);
		json_end_object(json);
	}
}

/* A list from which a dump is missing is not what was asked for. */
static bool is_complete(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->namespace_count; i++)
		if (!snapshot->namespaces[i].tcp_read || !snapshot->namespaces[i].udp_read)
			return false;
	return true;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct list list = { .json = { .out = stdout, .pretty = true } };
	struct common_options common = { .request = { .scope = SCOPE_REACHABLE } };
	struct snapshot snapshot = { 0 };
	struct error error;
	int words, status = 0;

	if (options_parse(command, argc, argv, &common, take_option, &list, &words, &error))
		return command_fail(command->usage_error, error.text);
	if (common.help)
		return command_help(command), 0;
	if (words) {
		error_set(&error, _("'%s': list takes options only, such as --port %s"),
			  argv[1], argv[1]);
		return command_fail(command->usage_error, error.text);
	}
	if (list.no_owners && filter_needs_owners(&list.filter))
		return command_fail(
			command->usage_error,
			_("--no-owners leaves nobody for --pid, --process, --unit or "
			  "--container to match"));
	list.as_json = common.json || list.lines;
	list.json.pretty = !list.lines;
	list.style = terminal_style(&common);
	if (list.as_json)
		language_english();
	common.request.no_owners = list.no_owners;
	list.file = source_first_file(&common.request);
	common.request.on_socket = take_socket;
	common.request.context = &list;
	if (source_read(&common.request, &snapshot, &error)) {
		status = command_fail(command->failure, error.text);
	} else {
		end(&list, &snapshot);
		status = is_complete(&snapshot) ? 0 : command->failure;
	}
	groups_free(&list.groups);
	snapshot_free(&snapshot);
	return status;
}

static const char *key_words(unsigned index)
{
	return index < LIST_KEY_COUNT ? list_key_word((enum list_key)index) : NULL;
}

static const struct option_spec options_of_list[] = {
	{ "by", "KEYS", N_("count by these keys, separated by commas"), .kind = VALUE_WORDS,
	  .words = key_words },
	FILTER_OPTIONS,
	{ "jsonl", NULL, N_("JSON Lines: a row a line") },
	{ "no-owners", NULL, N_("do not look for processes: faster") },
	OPTIONS_END,
};

const struct command command_list = {
	.name = "list",
	.summary = N_("who holds ports, bound-only sockets included"),
	.usage = "[--by KEYS] [FILTER...]",
	.description = N_(
		"Every TCP and UDP socket with its owner, BOUND ones included, or counts by KEYS: "
		"netns,protocol,state,process,pid,user,unit,container,src,port,dst,dport."),
	.options = options_of_list,
	.reads_files = true,
	.usage_error = 2,
	.failure = 1,
	.run = run,
};
