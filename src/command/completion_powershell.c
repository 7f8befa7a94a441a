#include "command/completion.h"

#include "base/language.h"
#include "base/text.h"
#include "command/command.h"

#include <stdint.h>

/*
 * For Windows PowerShell 5 and PowerShell 7. It is ASCII throughout: what a program prints is taken there for text in the code
 * page of the console, which would spoil Chinese, and a spoilt script may do anything.
 *
 * Tables of PowerShell do not tell capitals from small letters, and options do (-v, -V): what belongs to what is told by
 * switch -CaseSensitive. Of an option that takes a value the first answer is empty, so that it is known even where there is
 * nothing to offer; PowerShell offers files then.
 */
/* clang-format off */
static const char head[] =
	"# PowerShell completion for portroom, as `portroom completion powershell` writes it.\n"
	"\n"
	"Register-ArgumentCompleter -Native -CommandName portroom, portroom.exe -ScriptBlock {\n"
	"    param($word, $ast, $cursor)\n"
	"\n"
	"    # The words before the cursor, the last one up to it.\n"
	"    $typed = @(foreach ($each in $ast.CommandElements) {\n"
	"        $length = [Math]::Min($each.Extent.Text.Length, $cursor - $each.Extent.StartOffset)\n"
	"        if ($length -gt 0) { $each.Extent.Text.Substring(0, $length) }\n"
	"    })\n"
	"    if ($cursor -gt $ast.CommandElements[-1].Extent.EndOffset) { $typed += '' }\n"
	"    $whole = $typed[-1]\n"
	"    $before = if ($typed.Count -gt 1) { $typed[-2] } else { '' }\n"
	"    $lead = ''\n"
	"    $current = $whole\n"
	"    if ($whole -cmatch '^(--[a-z0-9-]+)=(.*)$') {\n"
	"        $before = $Matches[1]\n"
	"        $lead = $Matches[1] + '='\n"
	"        $current = $Matches[2]\n"
	"    }\n"
	"\n"
	"    function Unescape($text) { [regex]::Unescape($text) }\n"
	"\n"
	"    function Tell([string]$text, [string]$tip = $text) {\n"
	"        [pscustomobject]@{ Text = $text; Tip = $tip }\n"
	"    }\n"
	"\n"
	"    # Words separated by commas: those not yet there, after those that are.\n"
	"    function Several {\n"
	"        $there = $current -replace '[^,]*$', ''\n"
	"        foreach ($each in $args) {\n"
	"            if (($there -split ',') -cnotcontains $each) { Tell ($there + $each) $each }\n"
	"        }\n"
	"    }\n"
	"\n";

static const char tail[] =
	"    $command = 'check'\n"
	"    if ($typed.Count -gt 2 -and -not $typed[1].StartsWith('-')) { $command = $typed[1] }\n"
	"    $answers = @()\n"
	"    if ($before.StartsWith('-')) { $answers = @(Values \"$command $before\") }\n"
	"    if ($answers.Count -eq 0 -and $lead -eq '') {\n"
	"        if ($typed.Count -eq 2 -and -not $current.StartsWith('-')) {\n"
	"            $answers = @(Commands)\n"
	"        } elseif ($current.StartsWith('-')) {\n"
	"            $answers = @(Options $command)\n"
	"            if ($typed.Count -eq 2) { $answers += Tell '--version' }\n"
	"        } else {\n"
	"            $answers = @(Words $command)\n"
	"        }\n"
	"    }\n"
	"\n"
	"    # Of an answer the part is handed over that stands for PowerShell's own word. Names that others chose may have any\n"
	"    # character.\n"
	"    $word = [string]$word\n"
	"    $skip = 0\n"
	"    if ($whole.EndsWith($word)) { $skip = $whole.Length - $word.Length }\n"
	"    foreach ($each in $answers) {\n"
	"        if ($each.Text -eq '') { continue }\n"
	"        if (-not $each.Text.StartsWith($current, [StringComparison]::Ordinal)) { continue }\n"
	"        $text = ($lead + $each.Text).Substring($skip)\n"
	"        if ($text -notmatch '^[-A-Za-z0-9_.:/,=]+$') { $text = \"'\" + $text.Replace(\"'\", \"''\") + \"'\" }\n"
	"        [System.Management.Automation.CompletionResult]::new($text, $each.Text, 'ParameterValue', $each.Tip)\n"
	"    }\n"
	"}\n";

/* clang-format on */

/* Of a well-formed sequence of that length. */
static uint32_t code_of(const char *text, size_t length)
{
	uint32_t code = (unsigned char)*text & (length == 1 ? 0x7f : 0xff >> (length + 1));

	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	return code;
}

/* "\u7aef", as UTF-16 has it. */
static void write_code(FILE *out, uint32_t code)
{
	if (code >= 0x10000) {
		code -= 0x10000;
		fprintf(out, "\\u%04x\\u%04x", 0xd800 | code >> 10, 0xdc00 | (code & 0x3ff));
	} else {
		fprintf(out, "\\u%04x", code);
	}
}

static bool is_plain(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

/* 'text'; what is not ASCII is escaped for Unescape, and then so is what that would take for an escape. */
static void write_quoted(FILE *out, const char *text)
{
	bool plain = is_plain(text);
	size_t length;

	fputs(plain ? "'" : "(Unescape '", out);
	for (; *text; text += length) {
		length = text_utf8_length(text);
		length = length ? length : 1;
		if (length > 1)
			write_code(out, code_of(text, length));
		else if (*text == '\'')
			fputs("''", out);
		else if (*text == '\\' && !plain)
			fputs("\\\\", out);
		else
			fputc(*text, out);
	}
	fputs(plain ? "'" : "')", out);
}

static void write_words_of(FILE *out, const char *first, const char *next,
			   const char *(*words)(unsigned index))
{
	for (unsigned i = 0; words && words(i); i++)
		fprintf(out, "%s'%s'", i ? next : first, words(i));
}

static void write_action(FILE *out, const struct option_spec *spec)
{
	static const char *const actions[] = {
		[VALUE_FREE] = "",
		[VALUE_FILE] = "",
		[VALUE_FOLDER] = "",
		[VALUE_NETNS] = "Tell 'all'; Tell 'own'; Tell 'host'; ",
		[VALUE_INTERFACE] = "Get-NetAdapter -ErrorAction SilentlyContinue | "
				    "ForEach-Object { Tell $_.Name }; ",
		[VALUE_PID] = "Get-Process | ForEach-Object { Tell $_.Id $_.ProcessName }; ",
		[VALUE_PROCESS] = "Get-Process | Sort-Object -Unique ProcessName | "
				  "ForEach-Object { Tell ($_.ProcessName + '.exe') }; ",
		[VALUE_USER] = "Tell $env:USERNAME; ",
	};

	switch (spec->kind) {
	case VALUE_WORD:
		write_words_of(out, "Tell ", "; Tell ", spec->words);
		fputs("; ", out);
		break;
	case VALUE_WORDS:
		write_words_of(out, "Several ", " ", spec->words);
		fputs("; ", out);
		break;
	default:
		fputs(actions[spec->kind], out);
	}
}

/* "'check --color' { ... }"; where `command` is NULL it is of every command, which is told by the end alone. */
static void write_value(FILE *out, const char *command, const struct option_spec *spec,
			const char *dashes, const char *name)
{
	if (command)
		fprintf(out, "            '%s %s%s' { ", command, dashes, name);
	else
		fprintf(out, "            { $_.EndsWith(' %s%s') } { ", dashes, name);
	fputs("Tell ''; ", out);
	write_action(out, spec);
	fputs("return }\n", out);
}

static void write_values(FILE *out, const char *command, const struct option_spec *specs)
{
	for (; specs && specs->name; specs++) {
		const char letter[] = { specs->letter, '\0' };

		if (!specs->value)
			continue;
		write_value(out, command, specs, "--", specs->name);
		if (specs->letter)
			write_value(out, command, specs, "-", letter);
	}
}

static void write_options(FILE *out, const struct option_spec *specs, const char *indent)
{
	for (; specs && specs->name; specs++) {
		fprintf(out, "%sTell '--%s' ", indent, specs->name);
		write_quoted(out, _(specs->help));
		fputc('\n', out);
		if (specs->letter) {
			fprintf(out, "%sTell '-%c' ", indent, specs->letter);
			write_quoted(out, _(specs->help));
			fputc('\n', out);
		}
	}
}

static void write_commands(FILE *out, const char *indent)
{
	for (const struct command *const *command = commands; *command; command++) {
		fprintf(out, "%sTell '%s' ", indent, (*command)->name);
		write_quoted(out, _((*command)->summary));
		fputc('\n', out);
	}
}

static void write_words(FILE *out)
{
	fputs("    function Words($of) {\n"
	      "        switch -CaseSensitive ($of) {\n"
	      "            'help' {\n",
	      out);
	write_commands(out, "                ");
	fputs("                Tell 'options'\n"
	      "            }\n",
	      out);
	for (const struct command *const *command = commands; *command; command++) {
		if (!(*command)->words)
			continue;
		fprintf(out, "            '%s' { ", (*command)->name);
		write_words_of(out, "Tell ", "; Tell ", (*command)->words);
		fputs(" }\n", out);
	}
	fputs("        }\n    }\n\n", out);
}

void completion_powershell(FILE *out)
{
	fputs(head, out);
	fputs("    # The value of an option; nothing at all where it takes none.\n"
	      "    function Values($of) {\n"
	      "        switch -CaseSensitive ($of) {\n",
	      out);
	for (const struct command *const *command = commands; *command; command++)
		write_values(out, (*command)->name, (*command)->options);
	write_values(out, NULL, common_option_specs);
	fputs("        }\n    }\n\n    function Commands {\n", out);
	write_commands(out, "        ");
	fputs("        Tell 'help' ", out);
	write_quoted(out, completion_help());
	fputs("\n    }\n\n"
	      "    function Options($of) {\n"
	      "        switch -CaseSensitive ($of) {\n",
	      out);
	for (const struct command *const *command = commands; *command; command++) {
		fprintf(out, "            '%s' {\n", (*command)->name);
		write_options(out, (*command)->options, "                ");
		fputs("            }\n", out);
	}
	fputs("        }\n", out);
	write_options(out, common_option_specs, "        ");
	fputs("    }\n\n", out);
	write_words(out);
	fputs(tail, out);
}
