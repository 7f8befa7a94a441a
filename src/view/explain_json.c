#include "base/arena.h"
#include "base/json.h"
#include "diagnosis/rule.h"
#include "knowledge/messages.h"
#include "knowledge/programs.h"
#include "knowledge/sysctl_file.h"
#include "knowledge/topic.h"
#include "view/explain.h"

#include <string.h>

/* Documents for programs are in English: nothing here is looked up. */

static void write_advice(struct json *json, const struct message *message)
{
	const struct program *program =
		message->program ? program_titled(message->program) : NULL;

	json_array(json, "advice");
	for (unsigned kind = 0; program && kind < ADVICE_KIND_COUNT; kind++) {
		if (!(message->advice & 1U << kind) || !program->advice[kind])
			continue;
		json_row(json, NULL);
		json_text(json, "kind", advice_name(kind));
		json_text(json, "text", program->advice[kind]);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_message(struct json *json, struct arena *arena, const struct lookup *lookup)
{
	const struct message *message = lookup->message;

	if (!message) {
		json_null(json, "message");
		return;
	}
	json_object(json, "message");
	json_text(json, "program", message->program);
	json_text(json, "exhaustion", exhaustion_name(message->exhaustion));
	json_text(json, "tell", message->tell);
	write_advice(json, message);
	json_text(json, "command", lookup_command(arena, lookup, message->command));
	json_end_object(json);
}

static void write_topic(struct json *json, struct arena *arena, const struct lookup *lookup,
			const struct lookup_match *match, enum topic_reader reader)
{
	const struct topic topic = topic_for(match->topic, reader);

	json_object(json, NULL);
	json_text(json, "name", topic.name);
	json_text(json, "kind", topic_kind_name(topic.kind));
	json_known(json, "code", topic.code ? (int64_t)topic.code : -1);
	json_text(json, "how", match->how);
	json_text(json, "title", topic.title);
	json_text(json, "meaning", topic.meaning);
	json_text(json, "exhaustion", exhaustion_name(topic.exhaustion));
	json_text(json, "tell", topic.tell);
	json_text(json, "next", topic.next);
	json_text(json, "command",
		  lookup->message ? topic.command :
				    lookup_command(arena, lookup, topic.command));
	json_text(json, "useless", topic.useless);
	json_text(json, "source", topic.source);
	json_end_object(json);
}

static void write_answers(struct json *json, const struct explanation *explanation)
{
	struct arena arena = { 0 };

	json_array(json, "answers");
	for (size_t i = 0; i < explanation->answer_count; i++) {
		const struct explain_answer *answer = &explanation->answers[i];

		json_object(json, NULL);
		json_known(json, "line", answer->line ? (int64_t)answer->line : -1);
		json_text(json, "text", answer->text);
		write_message(json, &arena, &answer->lookup);
		json_array(json, "topics");
		for (size_t j = 0; j < answer->lookup.count; j++)
			write_topic(json, &arena, &answer->lookup, &answer->lookup.matches[j],
				    explanation->reader);
		json_end_array(json);
		json_end_object(json);
	}
	json_end_array(json);
	arena_free(&arena);
}

static void write_rule(struct json *json, const struct rule *rule)
{
	if (!rule) {
		json_null(json, "rule");
		return;
	}
	json_object(json, "rule");
	json_text(json, "id", rule->id);
	json_text(json, "title", rule->title);
	json_text(json, "page", rule_page(rule));
	json_end_object(json);
}

static void write_remark(struct json *json, struct arena *arena,
			 const struct sysctl_remark *remark)
{
	json_row(json, NULL);
	json_number(json, "line", remark->setting->line);
	json_text(json, "key", remark->setting->key);
	json_text(json, "value", remark->setting->value);
	json_text(json, "verdict", sysctl_verdict_name(remark->verdict));
	json_text(json, "reason",
		  remark->detail ? arena_print(arena, remark->reason, remark->detail) :
				   remark->reason);
	json_text(json, "note", remark->note);
	json_known(json, "overridden_by",
		   remark->other_line ? (int64_t)remark->other_line : -1);
	json_end_object(json);
}

static void write_review(struct json *json, const struct sysctl_review *review)
{
	struct arena arena = { 0 };

	if (!review) {
		json_null(json, "review");
		return;
	}
	json_object(json, "review");
	json_number(json, "lines", review->lines);
	json_number(json, "settings", (int64_t)review->setting_count);
	json_number(json, "unrelated", review->unrelated);
	json_array(json, "remarks");
	for (size_t i = 0; i < review->remark_count; i++)
		write_remark(json, &arena, &review->remarks[i]);
	json_end_array(json);
	json_end_object(json);
	arena_free(&arena);
}

static void write_names(struct json *json, const char *kind, const struct topic *table)
{
	json_object(json, NULL);
	json_text(json, "kind", kind);
	json_array(json, "names");
	for (const struct topic *topic = table; table && topic->name; topic++)
		json_text(json, NULL, topic->name);
	for (const struct rule *const *rule = rules; !table && *rule; rule++)
		json_text(json, NULL, (*rule)->id);
	json_end_array(json);
	json_end_object(json);
}

static void write_contents(struct json *json, bool wanted)
{
	if (!wanted) {
		json_null(json, "contents");
		return;
	}
	json_array(json, "contents");
	for (const struct topic *const *table = topic_tables; *table; table++)
		write_names(json, topic_kind_name((*table)->kind), *table);
	write_names(json, "rule", NULL);
	json_end_array(json);
}

void explain_json(const struct explanation *explanation, FILE *out)
{
	struct json json = { .out = out, .pretty = true };

	json_object(&json, NULL);
	json_text(&json, "schema", "portroom.explain/1");
	json_text(&json, "input", explanation->input);
	write_answers(&json, explanation);
	write_rule(&json, explanation->rule);
	write_review(&json, explanation->review);
	write_contents(&json, !explanation->answer_count && !explanation->rule &&
				      !explanation->review);
	json_end_object(&json);
}
