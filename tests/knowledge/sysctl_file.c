#include "suite.h"

#include "knowledge/sysctl_file.h"

#include <stdio.h>
#include <string.h>

/* The verdicts of a file, one letter each in the order of the lines. */
static void expect(const char *text, const char *verdicts)
{
	static const char letters[] = {
		[SYSCTL_HELPFUL] = 'H', [SYSCTL_NEUTRAL] = 'n',	  [SYSCTL_USELESS] = 'u',
		[SYSCTL_HARMFUL] = 'X', [SYSCTL_REMOVED] = 'r',	  [SYSCTL_OVERRIDDEN] = 'o',
		[SYSCTL_INVALID] = '?', [SYSCTL_UNRELATED] = '!',
	};
	struct sysctl_review review;
	char found[32] = "";

	sysctl_review_make(&review, text);
	for (size_t i = 0; i < review.remark_count && i + 1 < sizeof found; i++)
		found[i] = letters[review.remarks[i].verdict];
	assert_that(!strcmp(found, verdicts), "%s: %s instead of %s", text, found, verdicts);
	sysctl_review_free(&review);
}

TEST(settings_that_are_gone_useless_harmful_or_helpful_are_told_apart)
{
	expect("net.ipv4.tcp_tw_recycle = 1\n", "r");
	expect("net.ipv4.tcp_fin_timeout = 15\n", "u");
	expect("net.ipv4.ip_autobind_reuse=1\n", "X");
	expect("net.ipv4.tcp_timestamps = 0\n", "X");
	expect("net.ipv4.tcp_abort_on_overflow = 1\n", "X");
	expect("net.ipv4.tcp_tw_reuse = 1\n", "H");
	expect("net.ipv4.tcp_tw_reuse = 2\n", "n");
	expect("net.ipv4.tcp_tw_reuse = 0\n", "X");
	expect("net.ipv4.tcp_max_tw_buckets = 5000\n", "X");
	expect("net.ipv4.tcp_max_tw_buckets = 1440000\n", "u");
	expect("net.ipv4.tcp_tw_timeout = 10\n", "u");
	expect("net.ipv4.ip_conntrack_max = 65536\n", "r");
	expect("net.ipv4.tcp_syn_retries = 2\n", "H");
}

TEST(ranges_are_judged_by_size_parity_and_lower_bound)
{
	expect("net.ipv4.ip_local_port_range = 32768 60999\n", "n");
	expect("net.ipv4.ip_local_port_range = 1024 65535\n", "H");
	expect("net.ipv4.ip_local_port_range = 1024\t65534\n", "H");
	expect("net.ipv4.ip_local_port_range = 40000 49999\n", "X");
	expect("net.ipv4.ip_local_port_range = 512 65535\n", "X");
	expect("net.ipv4.ip_unprivileged_port_start = 0\n"
	       "net.ipv4.ip_local_port_range = 512 65535\n",
	       "nH");
	expect("net.ipv4.ip_local_port_range = 1024-65535\n", "?");
	expect("net.ipv4.ip_local_port_range = 65535 1024\n", "?");
	expect("net.ipv4.ip_local_port_range = 1024 70000\n", "?");
	expect("net.ipv4.ip_local_port_range =\n", "?");
}

/* Each was written to /proc/sys on 6.18. */
TEST(values_are_taken_as_the_kernel_takes_them)
{
	expect("net.ipv4.tcp_tw_reuse=1 # comment\n", "H");
	expect("net.ipv4.tcp_tw_reuse=0x1\n", "H");
	expect("net.ipv4.tcp_tw_reuse=1#comment\n", "?");
	expect("net.ipv4.tcp_tw_reuse=3\n", "?");
	expect("net.ipv4.tcp_tw_reuse=-1\n", "?");
	expect("net.ipv4.tcp_tw_reuse=\n", "?");
	expect("net.ipv4.tcp_tw_reuse=yes\n", "?");
	expect("net.ipv4.ip_local_port_range = 1024 65535 # wide\n", "H");
	expect("net.ipv4.ip_local_port_range = 2048\n", "n");
	expect("net.ipv4.ip_local_port_range = 040000 60000\n", "H");
	expect("net.ipv4.ip_local_port_range = 1024,65535\n", "?");
	expect("net.ipv4.tcp_syn_retries = 0\n", "?");
	expect("net.ipv4.tcp_syn_retries = 128\n", "?");
	expect("net.ipv4.tcp_timestamps = 256\n", "?");
	expect("net.ipv4.tcp_tw_reuse_delay = 60001\n", "?");
	expect("net.ipv4.ip_local_reserved_ports =\n", "n");
	expect("net.ipv4.ip_local_reserved_ports = 8080,9000-9010,\n", "n");
	expect("net.ipv4.ip_local_reserved_ports = 0x1f90\n", "n");
	expect("net.ipv4.ip_local_reserved_ports = 8080 # web\n", "?");
	expect("net.ipv4.ip_local_reserved_ports = 8080, 9090\n", "?");
	expect("net.ipv4.ip_local_reserved_ports = 9000-8000\n", "?");
	expect("net.ipv4.ip_local_reserved_ports = 1-70000\n", "?");
}

/* What is said of the first line. */
static void expect_words(const char *text, const char *value, const char *detail,
			 const char *note)
{
	struct sysctl_review review;
	const struct sysctl_remark *remark;

	sysctl_review_make(&review, text);
	assert_true(review.remark_count > 0);
	remark = &review.remarks[0];
	assert_string_equal(remark->setting->value, value);
	assert_that(!detail == !remark->detail, "%s: %s", text, remark->detail);
	if (detail)
		assert_string_equal(remark->detail, detail);
	assert_that(!note == !remark->note, "%s: %s", text, remark->note);
	if (note)
		assert_that(strstr(remark->note, note), "%s: %s", text, remark->note);
	sysctl_review_free(&review);
}

TEST(what_stands_behind_a_value_and_odd_ranges_are_noted)
{
	expect_words("net.ipv4.tcp_tw_reuse=1\t# on\n", "1 # on", NULL, "sysctl.conf(5)");
	expect_words("net.ipv4.ip_local_port_range=1024 \t 65535\n", "1024 65535", NULL, NULL);
	expect_words("net.ipv4.ip_local_port_range=1024 65534\n", "1024 65534", NULL, "odd");
}

TEST(names_that_no_kernel_has_are_told_with_the_one_that_was_meant)
{
	expect_words("net.ipv4.tcp_tw_resuse = 1\n", "1", "net.ipv4.tcp_tw_reuse", NULL);
	expect_words("net.ipv6.ip_local_port_range = 1024 65535\n", "1024 65535",
		     "net.ipv4.ip_local_port_range", NULL);
	expect("net.ipv4.tcp_tw_resuse = 1\nnet.ipv6.ip_local_port_range = 1 2\n", "??");
	expect("net.ipv6.ip_nonlocal_bind = 1\nnet.ipv4.tcp_retries2 = 8\n", "");
	expect("net.netfilter.nf_conntrack_tcp_timeout_close_wait = 60\n", "");
}

TEST(reserving_most_of_the_range_is_harmful)
{
	expect("net.ipv4.ip_local_reserved_ports = 32768-60999\n", "X");
	expect_words("net.ipv4.ip_local_reserved_ports = 30000-60000\n", "30000-60000", "999",
		     NULL);
	expect_words("net.ipv4.ip_local_reserved_ports = 10000-19998\n"
		     "net.ipv4.ip_local_port_range = 10000 19999\n",
		     "10000-19998", "1", NULL);
	expect("net.ipv4.ip_local_reserved_ports = 1-32767\n", "n");
	expect("net.ipv4.ip_local_reserved_ports = 32768-46884\n", "X");
	expect("net.ipv4.ip_local_reserved_ports = 32768-46883\n", "n");
	expect("net.ipv4.ip_local_reserved_ports = 32768-46884\n"
	       "net.ipv4.ip_local_port_range = 1024 65535\n",
	       "nH");
}

TEST(a_longer_fin_timeout_is_harmful_and_a_shorter_one_useless)
{
	expect("net.ipv4.tcp_fin_timeout = 120\n", "X");
	expect("net.ipv4.tcp_fin_timeout = 61\n", "X");
	expect("net.ipv4.tcp_fin_timeout = 60\n", "n");
	expect("net.ipv4.tcp_fin_timeout = 59\n", "u");
}

TEST(a_file_of_comments_sets_nothing)
{
	struct sysctl_review review;

	sysctl_review_make(&review, "# net.ipv4.tcp_tw_recycle=1\n\n;x\n[sysctl]\n");
	assert_true(sysctl_review_sets_nothing(&review));
	sysctl_review_free(&review);
	sysctl_review_make(&review, "# x\nnet.ipv4.tcp_tw_recycle=1\n");
	assert_false(sysctl_review_sets_nothing(&review));
	sysctl_review_free(&review);
}

TEST(only_the_sysctl_section_of_a_file_with_sections_counts)
{
	expect("[main]\nsummary=x\nnet.ipv4.tcp_tw_reuse=0\n[sysctl]\n"
	       "net.ipv4.tcp_tw_recycle=1\n[vm]\nnet.ipv4.tcp_tw_reuse=0\n",
	       "r");
	expect("[sysctl]\nnet.ipv4.tcp_tw_recycle=1\n", "r");
}

TEST(a_file_is_read_as_sysctl_reads_it)
{
	expect("# net.ipv4.tcp_tw_recycle=1\n; net.ipv4.tcp_tw_recycle=1\n\n", "");
	expect("-net.ipv4.tcp_tw_recycle=1\n", "r");
	expect("net/ipv4/tcp_tw_recycle = 1\n", "r");
	expect("\xef\xbb\xbfnet.ipv4.tcp_tw_recycle=1\r\n", "r");
	expect("  net.ipv4.tcp_tw_recycle\t=\t1  ", "r");
	expect("net.ipv4.tcp_tw_rec* = 1\n", "r");
	expect("-net.ipv4.tcp_tw_recycle\n", "");
	expect("net.ipv4.tcp_tw_reuse 1\n", "?");
	expect("vm.swappiness = 10\n", "");
	expect("", "");
}

TEST(the_last_of_several_lines_wins)
{
	struct sysctl_review review;

	expect("net.ipv4.tcp_tw_reuse=0\nnet.ipv4.tcp_tw_reuse=1\n", "oH");
	expect("net.ipv4.tcp_tw_reuse=1\nnet.ipv4.tcp_tw_reuse=1\n", "HH");
	expect("net.ipv4.tcp_tw_reuse=1\nnet.ipv4.tcp_tw_reuse=1 # again\n", "HH");
	expect("vm.swappiness=1\nvm.swappiness=2\n", "");
	/* Unless the kernel refuses it. */
	expect("net.ipv4.tcp_tw_reuse=1\nnet.ipv4.tcp_tw_reuse=3\n", "H?");
	expect("net.ipv4.tcp_tw_reuse=x\nnet.ipv4.tcp_tw_reuse=1\n", "?H");
	expect("net.ipv4.ip_local_port_range=1024 65535\nnet.ipv4.ip_local_port_range=9 x\n",
	       "H?");
	expect("net.ipv4.ip_local_port_range=1024 65535\n"
	       "net.ipv4.ip_local_port_range=512 65535\n",
	       "HX");
	sysctl_review_make(&review, "\nnet.ipv4.tcp_tw_reuse=0\n\nnet.ipv4.tcp_tw_reuse=1\n");
	assert_int_equal(review.remarks[0].setting->line, 2);
	assert_int_equal(review.remarks[0].other_line, 4);
	sysctl_review_free(&review);
}

TEST(settings_are_judged_together)
{
	expect("net.ipv4.tcp_timestamps=0\nnet.ipv4.tcp_tw_reuse=1\n", "Xu");
	expect("net.ipv4.ip_local_reserved_ports=8080\n"
	       "net.ipv4.ip_local_port_range=1024 65535\n",
	       "nH");
}

TEST(what_has_nothing_to_do_with_ports_is_counted)
{
	struct sysctl_review review;

	sysctl_review_make(&review, "vm.swappiness=1\nkernel.panic=5\n"
				    "net.ipv4.tcp_fin_timeout=9\n");
	assert_int_equal(review.unrelated, 2);
	assert_int_equal(review.remark_count, 1);
	assert_true(sysctl_review_is_sensible(&review));
	sysctl_review_free(&review);
	sysctl_review_make(&review, "connect() failed (99: x)\nlevel=info msg=x\n");
	assert_false(sysctl_review_is_sensible(&review));
	sysctl_review_free(&review);
}

TEST(a_hostile_file_takes_no_longer_than_others)
{
	static char text[64 * 6000];
	struct sysctl_review review;

	for (unsigned i = 0; i < 6000; i++)
		snprintf(text + strlen(text), 64, "net.ipv4.*_*_*_*_*_*x%u=1\n", i);
	sysctl_review_make(&review, text);
	assert_true(review.too_many);
	assert_int_equal(review.setting_count, SYSCTL_MOST_SETTINGS);
	sysctl_review_free(&review);
	/* Each is compared with those behind it, and most of these are refused. */
	*text = '\0';
	for (unsigned i = 0, at = 0; i < 4000; i++)
		at += (unsigned)snprintf(text + at, sizeof text - at,
					 "net.ipv4.ip_local_port_range=%u 65535\n",
					 i < 2000 ? 1024u : 99u);
	sysctl_review_make(&review, text);
	assert_int_equal(review.remark_count, 4000);
	sysctl_review_free(&review);
	strcpy(text, "net.ipv4.ip_local_reserved_ports=1-65535");
	for (size_t at = strlen(text); at + 9 < sizeof text; at += 8)
		strcpy(text + at, ",1-65535");
	sysctl_review_make(&review, text);
	assert_int_equal(review.remark_count, 1);
	sysctl_review_free(&review);
}

TEST(globs_stay_within_one_part_of_a_key)
{
	assert_true(sysctl_key_matches("net.ipv4.tcp_*", "net.ipv4.tcp_tw_reuse"));
	assert_true(sysctl_key_matches("net.*.tcp_tw_reuse", "net.ipv4.tcp_tw_reuse"));
	assert_true(sysctl_key_matches("net.ipv?.tcp_tw_reuse", "net.ipv4.tcp_tw_reuse"));
	assert_false(sysctl_key_matches("net.*", "net.ipv4.tcp_tw_reuse"));
	assert_false(sysctl_key_matches("net.ipv4.tcp_tw", "net.ipv4.tcp_tw_reuse"));
	for (int verdict = 0; verdict < SYSCTL_VERDICT_COUNT; verdict++) {
		assert_non_null(sysctl_verdict_name(verdict));
		assert_non_null(sysctl_verdict_title(verdict));
	}
}

SUITE(sysctl_file,
      cmocka_unit_test(settings_that_are_gone_useless_harmful_or_helpful_are_told_apart),
      cmocka_unit_test(ranges_are_judged_by_size_parity_and_lower_bound),
      cmocka_unit_test(values_are_taken_as_the_kernel_takes_them),
      cmocka_unit_test(what_stands_behind_a_value_and_odd_ranges_are_noted),
      cmocka_unit_test(names_that_no_kernel_has_are_told_with_the_one_that_was_meant),
      cmocka_unit_test(reserving_most_of_the_range_is_harmful),
      cmocka_unit_test(a_longer_fin_timeout_is_harmful_and_a_shorter_one_useless),
      cmocka_unit_test(a_file_of_comments_sets_nothing),
      cmocka_unit_test(only_the_sysctl_section_of_a_file_with_sections_counts),
      cmocka_unit_test(a_file_is_read_as_sysctl_reads_it),
      cmocka_unit_test(the_last_of_several_lines_wins),
      cmocka_unit_test(settings_are_judged_together),
      cmocka_unit_test(what_has_nothing_to_do_with_ports_is_counted),
      cmocka_unit_test(a_hostile_file_takes_no_longer_than_others),
      cmocka_unit_test(globs_stay_within_one_part_of_a_key));
