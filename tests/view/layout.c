#include "view/layout.h"

#include "suite.h"
#include "system/memory_file.h"
#include "view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is written on a terminal so wide. */
struct page {
	struct view_style style;
	struct memory_file file;
};

static struct page *page(unsigned width)
{
	struct page *made = calloc(1, sizeof *made);

	assert_non_null(made);
	made->style.width = width;
	memory_file_open(&made->file);
	made->style.out = made->file.out;
	return made;
}

static void page_shows(struct page *page, const char *wanted)
{
	memory_file_flush(&page->file);
	assert_string_equal(page->file.text, wanted);
	memory_file_close(&page->file);
	free(page);
}

static void item_shows(unsigned width, const char *label, unsigned indent, const char *text,
		       const char *tail, const char *wanted)
{
	struct page *made = page(width);

	layout_item(&made->style, label, indent, text, tail);
	page_shows(made, wanted);
}

static void command_shows(unsigned width, unsigned indent, const char *command,
			  const char *wanted)
{
	struct page *made = page(width);

	layout_command(&made->style, indent, command);
	page_shows(made, wanted);
}

TEST(lines_break_at_spaces_and_go_on_below_the_text)
{
	item_shows(30, "  why", 10, "ports rest in TIME_WAIT for a minute", NULL,
		   "  why     ports rest in\n"
		   "          TIME_WAIT for a\n"
		   "          minute\n");
}

TEST(a_line_may_be_exactly_as_wide_as_the_terminal)
{
	item_shows(20, "", 0, "12345678901234567890 next", NULL,
		   "12345678901234567890\nnext\n");
}

TEST(without_a_limit_everything_is_one_line)
{
	item_shows(0, "why", 5, "a text that goes on and on and on and on", "tail",
		   "why  a text that goes on and on and on and on  tail\n");
}

TEST(a_word_longer_than_a_line_is_broken_where_the_line_ends)
{
	item_shows(20, "", 0, "see /a/very/long/path/that/nobody/reads now", NULL,
		   "see\n/a/very/long/path/th\nat/nobody/reads now\n");
}

TEST(no_line_ends_with_spaces)
{
	item_shows(20, "", 0, "two  spaces          at  the break  ", NULL,
		   "two  spaces\nat  the break\n");
	item_shows(20, "label ", 10, "", NULL, "label\n");
}

TEST(chinese_breaks_between_characters_but_not_before_a_full_stop)
{
	item_shows(16, "", 0, "端口没有用完的时候。不要担心", NULL,
		   "端口没有用完的时\n候。不要担心\n");
	item_shows(18, "", 0, "端口没有用完的时候。不要担心", NULL,
		   "端口没有用完的时\n候。不要担心\n");
}

TEST(chinese_does_not_leave_an_opening_bracket_behind)
{
	item_shows(14, "", 0, "端口已经用完（全部）", NULL, "端口已经用完\n（全部）\n");
}

TEST(chinese_may_break_beside_latin_words)
{
	item_shows(20, "", 0, "使用 connect 的程序TIME_WAIT状态", NULL,
		   "使用 connect 的程序\nTIME_WAIT状态\n");
}

TEST(a_wide_label_is_filled_up_by_its_columns)
{
	item_shows(0, "  原因", 10, "text", NULL, "  原因    text\n");
}

TEST(a_label_that_leaves_no_room_has_the_line_to_itself)
{
	item_shows(40, "  --long-option VALUE", 20, "what it does", NULL,
		   "  --long-option VALUE\n                    what it does\n");
}

TEST(a_tail_stands_at_the_right_edge)
{
	item_shows(30, "", 3, "use fewer ports", "room 0 -> 9",
		   "   use fewer ports\n"
		   "                   room 0 -> 9\n");
	item_shows(32, "", 3, "use fewer ports", "room 0 -> 9",
		   "   use fewer ports   room 0 -> 9\n");
}

TEST(a_tail_wider_than_the_terminal_is_wrapped)
{
	item_shows(20, "", 2, "text", "room 1,000 -> 2,000 to 3,000",
		   "  text\n  room 1,000 ->\n  2,000 to 3,000\n");
}

TEST(an_indent_that_leaves_no_room_gives_way)
{
	item_shows(40, "  who     26,120  TIME_WAIT", 31, "no process any more", NULL,
		   "  who     26,120  TIME_WAIT\n    no process any more\n");
}

TEST(where_there_is_no_utf8_other_characters_are_question_marks)
{
	struct page *made = page(0);

	made->style.ascii = true;
	layout_item(&made->style, "", 0, "数据库 caf\xc3\xa9", NULL);
	page_shows(made, "??? caf?\n");
}

TEST(what_steers_the_terminal_is_a_question_mark_of_one_column)
{
	struct page *made = page(16);

	layout_paragraph(&made->style, 0, 0, "a\033[2Jb \xe2\x80\xae abcdefghij");
	page_shows(made, "a?[2Jb ?\nabcdefghij\n");
}

TEST(a_command_is_continued_at_spaces_outside_quotes)
{
	command_shows(40, 2, "sysctl -w net.ipv4.ip_range='1024 65535' and more",
		      "  sysctl -w \\\n"
		      "  net.ipv4.ip_range='1024 65535' and \\\n"
		      "  more\n");
}

TEST(a_command_that_fits_is_left_alone)
{
	command_shows(20, 2, "sysctl -w a='b c' d", "  sysctl -w \\\n  a='b c' d\n");
	command_shows(21, 2, "sysctl -w a='b c' d", "  sysctl -w a='b c' d\n");
}

TEST(a_word_longer_than_a_line_is_put_together_by_the_shell)
{
	command_shows(20, 4, "echo 'abcdefghijklmnopqrstuvwxyz'",
		      "    echo \\\n"
		      "'abcdefghijklmnopq'\\\n"
		      "'rstuvwxyz'\n");
	command_shows(20, 4, "echo abcdefghijklmnopqrstuvwxyz",
		      "    echo \\\n"
		      "abcdefghijklmnopqr\\\n"
		      "stuvwxyz\n");
}

TEST(a_label_already_written_leaves_no_spaces_where_the_text_goes_below)
{
	struct page *made = page(24);

	layout_write(&made->style, "CRITICAL");
	layout_paragraph(&made->style, 8, 10, "no port is left");
	page_shows(made, "CRITICAL\n    no port is left\n");
	made = page(40);
	layout_write(&made->style, "OK");
	layout_paragraph(&made->style, 2, 10, "ports are not running out");
	page_shows(made, "OK        ports are not running out\n");
}

static const struct layout_column columns[] = {
	{ .width = 5 },
	{ .width = 8 },
	{ .width = 6, .right = true },
	{ .width = 0 },
};

static void row_shows(unsigned width, const char *const cells[4], const char *wanted)
{
	struct page *made = page(width);

	layout_row(&made->style, columns, cells, 4);
	page_shows(made, wanted);
}

TEST(cells_stand_in_their_columns)
{
	row_shows(0, (const char *const[]){ "tcp", "LISTEN", "12", "end" },
		  "tcp   LISTEN       12 end\n");
	row_shows(0, (const char *const[]){ "tcp", "数据库", "12", "end" },
		  "tcp   数据库       12 end\n");
}

TEST(a_wide_cell_moves_the_next_only_as_far_as_it_must)
{
	row_shows(0, (const char *const[]){ "tcp", "LISTENING", "12", "end" },
		  "tcp   LISTENING    12 end\n");
	row_shows(0, (const char *const[]){ "tcp", "LISTENING_ON_ALL", "12", "end" },
		  "tcp   LISTENING_ON_ALL 12 end\n");
}

TEST(a_missing_cell_leaves_no_spaces_at_the_end)
{
	row_shows(0, (const char *const[]){ "tcp", "LISTEN", NULL, "" }, "tcp   LISTEN\n");
	row_shows(0, (const char *const[]){ "tcp", NULL, NULL, "end" },
		  "tcp                   end\n");
}

TEST(cells_that_do_not_fit_go_on_below_in_their_order)
{
	row_shows(22, (const char *const[]){ "tcp", "LISTEN", "12", "end" },
		  "tcp   LISTEN       12\n  end\n");
	row_shows(16, (const char *const[]){ "tcp", "LISTEN", "12", "end" },
		  "tcp   LISTEN\n      12 end\n");
}

TEST(a_cell_wider_than_the_terminal_is_broken_and_not_cut)
{
	row_shows(16, (const char *const[]){ "tcp", "LISTEN", "12", "abcdefghijklmnopqrst" },
		  "tcp   LISTEN\n      12\n  abcdefghijklmn\n  opqrst\n");
}

SUITE(layout, cmocka_unit_test(lines_break_at_spaces_and_go_on_below_the_text),
      cmocka_unit_test(a_line_may_be_exactly_as_wide_as_the_terminal),
      cmocka_unit_test(without_a_limit_everything_is_one_line),
      cmocka_unit_test(a_word_longer_than_a_line_is_broken_where_the_line_ends),
      cmocka_unit_test(no_line_ends_with_spaces),
      cmocka_unit_test(chinese_breaks_between_characters_but_not_before_a_full_stop),
      cmocka_unit_test(chinese_does_not_leave_an_opening_bracket_behind),
      cmocka_unit_test(chinese_may_break_beside_latin_words),
      cmocka_unit_test(a_wide_label_is_filled_up_by_its_columns),
      cmocka_unit_test(a_label_that_leaves_no_room_has_the_line_to_itself),
      cmocka_unit_test(a_tail_stands_at_the_right_edge),
      cmocka_unit_test(a_tail_wider_than_the_terminal_is_wrapped),
      cmocka_unit_test(an_indent_that_leaves_no_room_gives_way),
      cmocka_unit_test(where_there_is_no_utf8_other_characters_are_question_marks),
      cmocka_unit_test(what_steers_the_terminal_is_a_question_mark_of_one_column),
      cmocka_unit_test(a_command_is_continued_at_spaces_outside_quotes),
      cmocka_unit_test(a_command_that_fits_is_left_alone),
      cmocka_unit_test(a_word_longer_than_a_line_is_put_together_by_the_shell),
      cmocka_unit_test(a_label_already_written_leaves_no_spaces_where_the_text_goes_below),
      cmocka_unit_test(cells_stand_in_their_columns),
      cmocka_unit_test(a_wide_cell_moves_the_next_only_as_far_as_it_must),
      cmocka_unit_test(a_missing_cell_leaves_no_spaces_at_the_end),
      cmocka_unit_test(cells_that_do_not_fit_go_on_below_in_their_order),
      cmocka_unit_test(a_cell_wider_than_the_terminal_is_broken_and_not_cut));
