#!/usr/bin/env python3
"""`portroom check` as monitoring systems run it: thresholds, lines, exit statuses.

    test_plugin.py PORTROOM SITUATION SLOW

The performance data is read by the Perl module Monitoring::Plugin, the verdict is turned round by
negate and summed up by check_cluster, both of Debian's monitoring plugins: programs that take
portroom for one of their own.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

from live import Situation, Tap, guard, need_root, run

PLUGINS = "/usr/lib/nagios/plugins"
OK, WARNING, CRITICAL, UNKNOWN = range(4)
WORDS = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]

PARSER = r"""
use Monitoring::Plugin::Performance;
use JSON::PP;
local $/; my $line = <STDIN>;
my ($text, $data) = split / \| /, $line, 2;
my @found = map {
    { label => $_->label, value => $_->value, uom => $_->uom, min => $_->min, max => $_->max,
      warning => ($_->warning // "") . "", critical => ($_->critical // "") . "" }
} Monitoring::Plugin::Performance->parse_perfstring($data);
print encode_json(\@found);
"""

def says(tap, sentence, condition, *details):
    tap.ok(condition, sentence, *details)


LABELS = ["tcp_room", "tcp_room_unused", "tcp_bind_room", "udp_room", "tcp_connections",
          "tcp_time_wait", "findings"]


def here(*arguments):
    answer = run(list(arguments))
    return answer.status, answer.out, answer.err


def inside(situation, *arguments):
    answer = situation.run(list(arguments))
    return answer.status, answer.out, answer.err


def check(portroom, situation, *arguments):
    return inside(situation, portroom, "check", "--netns", "own", "--config", "/dev/null",
               *arguments)


def parse(line):
    done = subprocess.run(["perl", "-e", PARSER], input=line, capture_output=True, text=True,
                       timeout=60, check=False)
    if done.returncode:
        raise AssertionError("Monitoring::Plugin cannot read it: " + done.stderr)
    return {metric["label"]: metric for metric in json.loads(done.stdout)}


def test_line(tap, portroom, situation, room, ports):
    status, out, _ = check(portroom, situation, "--plugin")
    word = WORDS[status]
    says(tap, "the line has the word of its exit status",
           out.startswith("PORTROOM %s - " % word), out)
    remedy = json.loads(check(portroom, situation, "--json")[1])["findings"][0]["remedies"][0]
    wanted = ["do: " + remedy["text"]] + ["    %s" % remedy["command"]] * bool(remedy["command"])
    says(tap, "below it stands the first remedy", out.splitlines()[1:] == wanted and
         out.endswith("\n"), repr(out))
    says(tap, "one bar divides text and data", out.count("|") == 1, out)
    metrics = parse(out.splitlines()[0] + "\n")
    says(tap, "a perfdata parser finds every label",
           set(metrics) >= set(LABELS) - {"tcp_bind_room"}, str(sorted(metrics)))
    says(tap, "the room in it is that of `portroom room`",
           int(metrics["tcp_room"]["value"]) == room, str(metrics["tcp_room"]))
    says(tap, "its maximum is the eligible ports", int(metrics["tcp_room"]["max"]) == ports,
           str(metrics["tcp_room"]))
    says(tap, "its thresholds are ranges in ports",
           all(re.fullmatch(r"\d+:", metrics["tcp_room"][key])
               for key in ("warning", "critical")), str(metrics["tcp_room"]))


def test_negate(tap, portroom, situation):
    plain, text, _ = check(portroom, situation, "--plugin")
    swapped = {OK: CRITICAL, CRITICAL: OK}.get(plain, plain)
    status, out, _ = inside(situation, PLUGINS + "/negate", portroom, "check", "--netns", "own",
                            "--plugin")
    says(tap, "negate turns the verdict round", status == swapped, "%d -> %d" % (plain, status))
    says(tap, "negate passes the line on", out.strip() == text.strip(), out)
    status, out, _ = inside(situation, PLUGINS + "/negate", "-s", "-o", "WARNING", "-c",
                            "WARNING", portroom, "check", "--netns", "own", "--plugin")
    says(tap, "negate -s puts its own word into the line",
           status == WARNING and "PORTROOM WARNING - " in out, out)


def test_cluster(tap, portroom, situation):
    plain, _, _ = check(portroom, situation, "--plugin")
    status, out, _ = here(PLUGINS + "/check_cluster", "-s", "-l", "ports", "-d", "%d,0" % plain,
                        "-c", "0:0")
    wanted = OK if plain == OK else CRITICAL
    says(tap, "check_cluster sums the status up", status == wanted, out)


def test_thresholds(tap, portroom, situation, room, ports):
    """Around the true room: the least number that alerts is one more than the room."""
    percent = 100 * room / ports
    cases = [
        (["-w", str(room), "-c", "0"], OK, "less than the room"),
        (["-w", str(room + 1), "-c", "0"], WARNING, "one more than the room"),
        (["-w", str(room + 1), "-c", str(room + 1)], CRITICAL, "critical one more than the room"),
        (["-w", "%d:" % room, "-c", "0:"], OK, "a range from the room on"),
        (["-w", "@%d:%d" % (room, room), "-c", "0:"], WARNING, "a range that is just the room"),
        (["-w", "0:%d" % (room - 1), "-c", "0:"], WARNING, "a range that ends below the room"),
        (["-w", "%.2f%%" % (percent + 0.5), "-c", "0"], WARNING, "percent above the room"),
        (["-w", "%.2f%%" % (percent - 0.5), "-c", "0"], OK, "percent below the room"),
    ]
    for arguments, wanted, name in cases:
        status, out, err = check(portroom, situation, "--plugin", *arguments)
        says(tap, "threshold %s: %s" % (" ".join(arguments), name), status == wanted, out + err)


def test_config(tap, portroom, situation, room):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "portroom.conf")

        def configured(text, *arguments):
            with open(path, "w", encoding="utf-8") as file:
             file.write(text)
            return check(portroom, situation, "--plugin", "--config", path, *arguments)

        loud = "# our hosts\nwarning = %d\ncritical=0 # never but for none\n" % (room + 1)
        says(tap, "a file sets the thresholds", configured(loud)[0] == WARNING)
        says(tap, "the command line wins", configured(loud, "-w", "0")[0] == OK)
        says(tap, "of equal keys the last counts",
             configured("warning = 0\ncritical = 0\nwarning = %d\n" % (room + 1))[0] == WARNING)
        says(tap, "a bad value is told though the command line wins",
             configured("warning = x\n", "-w", "0")[0] == UNKNOWN)
        says(tap, "a file may ignore", configured(loud + "ignore = destination_full\n"
                                         "ignore = time_wait_pileup\n")[0] == OK)
        for text, number in (("warnin = 3\n", 1), ("\nwarning\n", 2), ("ignore = no_such\n", 1),
                       ("warning = 20\ncritical = x\n", 2), ("\0", None)):
            status, out, _ = configured(text)
            told = path in out and (number is None or "line %d" % number in out)
            says(tap, "a bad file is unknown, with file and line: %r" % text,
                   status == UNKNOWN and out.startswith("PORTROOM UNKNOWN - ") and told, out)
        status, out, _ = check(portroom, situation, "--plugin", "--config", folder)
        fifo = os.path.join(folder, "fifo")
        os.mkfifo(fifo)
        status, out, _ = check(portroom, situation, "--plugin", "--config", fifo)
        says(tap, "a FIFO does not keep the check waiting", status == UNKNOWN and fifo in out, out)
        status, out, _ = check(portroom, situation, "--plugin", "--config", folder)
        says(tap, "a folder is no file", status == UNKNOWN and folder in out, out)


def test_ignore(tap, portroom, situation):
    status, out, _ = check(portroom, situation, "--json")
    subject = json.loads(out)["findings"][0]["subject"]
    rule = json.loads(out)["findings"][0]["rule"]
    says(tap, "the situation is critical", status == CRITICAL, out)
    for pattern, wanted in ((rule, OK), (rule + ":" + subject, OK), (rule + ":*", OK),
                      (rule + ":tcp *:9000", OK), (rule + ":*:9001", CRITICAL),
                      ("busy_but_healthy", CRITICAL)):
        status, out, _ = check(portroom, situation, "--json", "--ignore", pattern)
        says(tap, "--ignore %s" % pattern, status == wanted, out[:400])
    status, out, _ = check(portroom, situation, "--json", "--ignore", rule)
    says(tap, "what is ignored is told", [finding["rule"] for finding in
                                 json.loads(out)["ignored"]] == [rule])


def test_others(tap, portroom, situation):
    status, out, _ = check(portroom, situation, "--checkmk")
    match = re.fullmatch(r'2 portroom (\S+) (.+)\n', out)
    says(tap, "a Checkmk local line: status, name, metrics, text", status == CRITICAL and match,
           out)
    says(tap, "each Checkmk metric is name=value;warn;crit;min;max",
           match and all(re.fullmatch(r"[a-z_]+=\d+(;[\d.:]*){0,4}", metric)
                      for metric in match.group(1).split("|")), out)
    status, out, _ = check(portroom, situation, "--node-problem")
    says(tap, "a node problem exits with 1 and says why on one line",
           status == 1 and out.count("\n") == 1, out)
    status, out, _ = check(portroom, situation, "--node-problem", "--ignore", "destination_full")
    says(tap, "no node problem exits with 0", status == 0, out)


def test_failures(tap, portroom):
    nowhere = ["check", "--netns", "/nowhere"]
    status, out, err = here(portroom, *nowhere, "--plugin")
    says(tap, "a plugin that cannot look is unknown, on standard output",
           status == UNKNOWN and out.startswith("PORTROOM UNKNOWN - ") and not err, out + err)
    status, out, _ = here(portroom, *nowhere, "--checkmk")
    says(tap, "so is a Checkmk line", out.startswith("3 portroom - "), out)
    status, out, _ = here(portroom, *nowhere, "--node-problem")
    says(tap, "and a node problem has status 2", status == 2, out)
    status, out, _ = here(portroom, "check", "--plugin", "--no-such-option")
    says(tap, "a mistake in the command line is unknown, too", status == UNKNOWN, out)
    status, out, _ = here(portroom, "check", "--no-such-option", "--plugin")
    says(tap, "wherever --plugin stands", status == UNKNOWN and out.startswith("PORTROOM UNKNOWN"),
         out)
    status, out, _ = here(portroom, "check", "--plugin", "--config", "/a|b=1")
    says(tap, "a failure has no performance data", "|" not in out, out)


BLOCKED = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
os.environ["LD_PRELOAD"] = sys.argv[1]
os.environ["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0"
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_timeout(tap, portroom, slow):
    """On a machine that does not answer; who starts it has blocked SIGALRM."""
    for words, wanted, to in ((["--plugin"], "PORTROOM UNKNOWN - ", 1),
                              (["--checkmk"], "3 portroom - ", 1),
                              (["--node-problem"], "", 1), ([], "portroom: ", 2),
                              (["--json"], "portroom: ", 2)):
        said = here(sys.executable, "-c", BLOCKED, slow, portroom, "check", "-t", "1", *words)
        status = 2 if words == ["--node-problem"] else UNKNOWN
        says(tap, "check %s -t 1 gives up after a second" % " ".join(words),
             said[0] == status and said[to] == wanted + "no answer within 1 second\n" and
             not said[3 - to], said)
    status, out, _ = here(portroom, "check", "--plugin", "--timeout", "60")
    says(tap, "in time, a time limit changes nothing", "no answer" not in out, out)


def test_version(tap, portroom):
    says(tap, "-V is --version", here(portroom, "-V") == here(portroom, "--version") and
         here(portroom, "-V")[1].startswith("portroom "))


def test_full(tap, portroom, program):
    with Situation(program, "destination_full") as situation:
        test_line(tap, portroom, situation, 0, 100)
        test_negate(tap, portroom, situation)
        test_cluster(tap, portroom, situation)
        test_ignore(tap, portroom, situation)
        test_others(tap, portroom, situation)


def test_partly(tap, portroom, program):
    """Five of a hundred ports are left."""
    with Situation(program, "two_processes") as situation:
        test_line(tap, portroom, situation, 5, 100)
        test_thresholds(tap, portroom, situation, 5, 100)
        test_config(tap, portroom, situation, 5)


def main(words):
    if len(words) < 3:
        sys.exit(__doc__)
    portroom, program, slow = (os.path.abspath(word) for word in words[:3])
    tap = Tap()
    need_root(tap)
    guard(tap, "a full destination", test_full, tap, portroom, program)
    guard(tap, "a partly used destination", test_partly, tap, portroom, program)
    guard(tap, "failures", test_failures, tap, portroom)
    guard(tap, "a time limit", test_timeout, tap, portroom, slow)
    guard(tap, "the version", test_version, tap, portroom)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
