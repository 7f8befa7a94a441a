#include "base/arena.h"
#include "base/language.h"
#include "diagnosis/rule.h"
#include "knowledge/messages.h"
#include "knowledge/programs.h"
#include "knowledge/sysctl_file.h"
#include "knowledge/topic.h"
#include "view/explain.h"
#include "view/layout.h"
#include "view/view.h"

#include <string.h>

enum { TEXT_COLUMN = 10 };

static void write_field(const struct view_style *style, const char *label, const char *text)
{
	if (text)
		layout_item(style, label, TEXT_COLUMN, _(text), NULL);
}

/* "probably used up." and how to tell. */
static void write_exhaustion(struct arena *arena, const struct view_style *style,
			     enum exhaustion exhaustion, const char *tell)
{
	static const char *const verdicts[] = {
		[EXHAUSTION_UNASKED] = NULL,
		[EXHAUSTION_NO] = N_("not the cause. %s"),
		[EXHAUSTION_ELSEWHERE] =
			N_("not used up on this host; perhaps on a NAT on the way. %s"),
		[EXHAUSTION_MAYBE] = N_("perhaps used up. %s"),
		[EXHAUSTION_LIKELY] = N_("probably used up. %s"),
	};

	if (verdicts[exhaustion] && tell)
		layout_item(style, _("  ports"), TEXT_COLUMN,
			    arena_print(arena, _(verdicts[exhaustion]), _(tell)), NULL);
}

/* Several commands are separated by "; ". */
static void write_commands(struct arena *arena, const struct view_style *style,
			   const char *commands)
{
	while (commands && *commands) {
		size_t length = strcspn(commands, ";");

		layout_command(style, TEXT_COLUMN, arena_copy_length(arena, commands, length));
		commands += length;
		commands += strspn(commands, "; ");
	}
}

static const char *heading(struct arena *arena, const struct lookup_match *match)
{
	const struct topic *topic = match->topic;
	const char *name = topic->name;

	if (topic->kind == TOPIC_NTSTATUS)
		name = arena_print(arena, "%s (0x%08X)", name, topic->code);
	else if (topic->code && topic->kind != TOPIC_EVENT)
		name = arena_print(arena, "%s (%u)", name, topic->code);
	if (match->how)
		return arena_print(arena, _("%s: %s [%s; %s]"), name, _(topic->title),
				   topic_kind_word(topic->kind), _(match->how));
	return arena_print(arena, _("%s: %s [%s]"), name, _(topic->title),
			   topic_kind_word(topic->kind));
}

/* Below a message its verdict is the only one: the same error can come from another call. */
static void write_topic(struct arena *arena, const struct view_style *style,
			const struct lookup *lookup, const struct lookup_match *match,
			enum topic_reader reader)
{
	const struct topic topic = topic_for(match->topic, reader);

	layout_item(style, "", 0, heading(arena, match), NULL);
	write_field(style, _("  means"), topic.meaning);
	if (lookup->message && topic.tell) {
		layout_item(style, _("  see"), TEXT_COLUMN,
			    arena_print(arena, "portroom explain %s", topic.name), NULL);
		return;
	}
	write_exhaustion(arena, style, topic.exhaustion, topic.tell);
	write_field(style, _("  do"), topic.next);
	write_commands(arena, style, lookup_command(arena, lookup, topic.command));
	write_field(style, _("  not"), topic.useless);
	layout_item(style, _("  source"), TEXT_COLUMN, topic.source, NULL);
}

/* What the program can set against it. */
static void write_advice(const struct view_style *style, const struct message *message)
{
	const struct program *program =
		message->program ? program_titled(message->program) : NULL;

	for (unsigned kind = 0; program && kind < ADVICE_KIND_COUNT; kind++)
		if (message->advice & 1U << kind)
			write_field(style, _("  set"), program->advice[kind]);
}

static void write_message(struct arena *arena, const struct view_style *style,
			  const struct lookup *lookup)
{
	const struct message *message = lookup->message;
	const char *text = message->program ?
				   arena_print(arena, _("a message of %s"), message->program) :
				   _("a message of a program");

	layout_item(style, "", 0, text, NULL);
	write_exhaustion(arena, style, message->exhaustion, message->tell);
	write_advice(style, message);
	if (message->command)
		write_field(style, _("  do"), N_("Run on the host that said it:"));
	write_commands(arena, style, lookup_command(arena, lookup, message->command));
}

static void write_answer(struct arena *arena, const struct view_style *style,
			 const struct explain_answer *answer, enum topic_reader reader)
{
	if (answer->line)
		layout_item(style, "", 0,
			    arena_print(arena, _("line %u: %s"), answer->line, answer->text),
			    NULL);
	if (answer->lookup.message)
		write_message(arena, style, &answer->lookup);
	for (size_t i = 0; i < answer->lookup.count; i++) {
		if (i || answer->lookup.message)
			fputc('\n', style->out);
		write_topic(arena, style, &answer->lookup, &answer->lookup.matches[i], reader);
	}
}

static void write_remark(struct arena *arena, const struct view_style *style,
			 const struct sysctl_remark *remark)
{
	const struct sysctl_setting *setting = remark->setting;

	layout_item(style, "", 0,
		    arena_print(arena, _("line %u, %s: %s%s%s"), setting->line,
				sysctl_verdict_title(remark->verdict), setting->key,
				setting->value ? " = " : "",
				setting->value ? setting->value : ""),
		    NULL);
	if (remark->other_line)
		layout_item(style, "   ", 4,
			    arena_print(arena, _("%s (line %u)"), _(remark->reason),
					remark->other_line),
			    NULL);
	else if (remark->detail)
		layout_item(style, "   ", 4,
			    arena_print(arena, _(remark->reason), remark->detail), NULL);
	else
		layout_item(style, "   ", 4, _(remark->reason), NULL);
	if (remark->note)
		layout_item(style, "   ", 4, _(remark->note), NULL);
}

static void write_review(struct arena *arena, const struct view_style *style,
			 const struct explanation *explanation)
{
	const struct sysctl_review *review = explanation->review;
	const char *name =
		strcmp(explanation->input, "-") ? explanation->input : _("standard input");

	if (!review->remark_count && !review->unrelated)
		layout_item(style, "", 0, arena_print(arena, _("%s: sets nothing"), name),
			    NULL);
	for (size_t i = 0; i < review->remark_count; i++)
		write_remark(arena, style, &review->remarks[i]);
	if (review->unrelated)
		layout_item(
			style, "", 0,
			arena_print(arena,
				    P_("%s: %u other setting has nothing to do with ports",
				       "%s: %u other settings have nothing to do with ports",
				       review->unrelated),
				    name, review->unrelated),
			NULL);
}

/* Tables of one kind, one behind the other, are one list; the last of them. */
static const struct topic *const *write_names(struct arena *arena,
					      const struct view_style *style,
					      const struct topic *const *table)
{
	const enum topic_kind kind = (*table)->kind;
	const char *names = NULL;

	for (;; table++) {
		for (const struct topic *topic = *table; topic->name; topic++)
			names = names ? arena_print(arena, "%s, %s", names, topic->name) :
					topic->name;
		if (!table[1] || table[1]->kind != kind)
			break;
	}
	layout_item(style, "", 0, topic_kind_title(kind), NULL);
	layout_item(style, "   ", 4, names, NULL);
	return table;
}

static void write_contents(struct arena *arena, const struct view_style *style,
			   enum topic_reader reader)
{
	const char *names = NULL;

	layout_item(
		style, "", 0,
		_("portroom explain WHAT: an error by name or number, an event, a state, a "
		  "setting, a rule, a line of a log, or a sysctl file."),
		NULL);
	for (const struct topic *const *table = topic_tables_for(reader); *table; table++) {
		fputc('\n', style->out);
		table = write_names(arena, style, table);
	}
	for (const struct rule *const *rule = rules; *rule; rule++)
		names = names ? arena_print(arena, "%s, %s", names, (*rule)->id) : (*rule)->id;
	fputc('\n', style->out);
	layout_item(style, "", 0, _("rules of portroom check"), NULL);
	layout_item(style, "   ", 4, names, NULL);
}

void explain_text(const struct explanation *explanation, const struct view_style *style)
{
	struct arena arena = { 0 };

	if (explanation->rule)
		explain_page(rule_page(explanation->rule), style);
	else if (explanation->review)
		write_review(&arena, style, explanation);
	else if (!explanation->answer_count)
		write_contents(&arena, style, explanation->reader);
	for (size_t i = 0; i < explanation->answer_count; i++) {
		if (i)
			fputc('\n', style->out);
		write_answer(&arena, style, &explanation->answers[i], explanation->reader);
	}
	arena_free(&arena);
}
