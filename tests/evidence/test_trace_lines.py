#!/usr/bin/env python3
"""What portroom trace --save wrote is read back: trace --on shows its rows, check counts them as proof.

    test_trace_lines.py PORTROOM --schema-dir DIR
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "live"))

import trace_lines as made
from bounded import is_sanitized
from live import Tap, run

try:
    import jsonschema
except ImportError:
    jsonschema = None

PORTROOM = sys.argv[1]
SCHEMA = os.path.join(sys.argv[3], "trace-1.json")
SNAPSHOTS = os.path.join(HERE, os.pardir, "golden")
LARGE = 64 << 20
MOST_MEMORY_KB = 48 << 10


class Bench:
    def __init__(self, tap, folder):
        self.tap, self.folder = tap, folder

    def write(self, content, name="failures.jsonl"):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def lines(self, path, *words):
        done = run([PORTROOM, "trace", "--on", path, "--json", *words])
        return done, [json.loads(line) for line in done.out.splitlines()]


def failures_of(text):
    return [line for line in map(json.loads, text.splitlines()) if line["line"] == "failure"]


def rows_of(lines):
    return [line for line in lines if line["line"] == "failure"]


def check_rows(bench):
    """Told again, a recording is the same."""
    tap = bench.tap
    for name, text in (("of Linux", made.linux()), ("of Windows", made.windows()),
                       ("one behind the other", made.appended())):
        done, lines = bench.lines(bench.write(text), "--all")
        known = {"status", "meaning", "error"}  # of an NTSTATUS, these are looked up again
        same = [{key: value for key, value in row.items() if key not in known or not row.get("ntstatus")}
                for row in rows_of(lines)]
        wanted = [{key: value for key, value in row.items() if key not in known or not row.get("ntstatus")}
                  for row in failures_of(text)]
        for row in wanted:
            row["room"] = row["room_min"] if row["room_min"] == row["room_max"] else None
        differing = ["%s\nfound  %s" % pair for pair in zip(wanted, same) if pair[0] != pair[1]]
        tap.ok(done.status == 0 and len(same) == len(wanted) and not differing,
               "%s: every call is told as it was recorded" % name, done.err, *differing[:3])
        first = json.loads(text.splitlines()[0])
        tap.ok(all(lines[0][key] == first[key] for key in ("source", "why_not_bpf", "kinds", "filtered")),
               "%s: so is what was watched for" % name, lines[0])
        if jsonschema:
            with open(SCHEMA, encoding="utf-8") as file:
                validator = jsonschema.Draft202012Validator(json.load(file))
            wrong = [error.message for line in lines for error in validator.iter_errors(line)]
            tap.ok(not wrong, "%s: every line is as the schema says" % name, *wrong[:3])


def check_text(bench):
    tap = bench.tap
    done = run([PORTROOM, "trace", "--on", bench.write(made.linux())])
    words = [line.split() for line in done.out.splitlines()]
    tap.ok(words[0][:7] == ["TIME", "COUNT", "CALL", "ERROR", "PROCESS", "DESTINATION", "ROOM"],
           "the columns are those of a live trace", done.out)
    tap.ok(words[1] == ["03:00:01", "1", "tcp", "connect", "EADDRNOTAVAIL", "billing,812",
                        "198.51.100.7:5432", "0", "192.0.2.5", "host", "billing.service"],
           "a row has what was recorded, the room too", words[1])
    tap.ok("3 calls failed with EADDRNOTAVAIL" in done.err and "1,000" not in done.out and
           "is not whole" in done.err, "the sum, and that calls were lost, is said", done.err)
    of_windows = run([PORTROOM, "trace", "--on", bench.write(made.windows())]).out.splitlines()
    tap.ok("SERVICE" in of_windows[0] and "NETNS" not in of_windows[0] and "LeakySvc" in of_windows[1],
           "of Windows they have its words, on any system", of_windows[:2])
    filtered = bench.write(made.text(made.start(filtered=True), made.failure(), made.end(9, 1)))
    tap.ok("only some calls" in run([PORTROOM, "trace", "--on", filtered]).err,
           "that it was recorded with a filter is said", filtered)


def check_filters(bench):
    tap = bench.tap
    path = bench.write(made.linux())
    for words, rows in ((["--pid", "900"], 1), (["--unit", "billing"], 5), (["--user", "app"], 5),
                        (["--container", "0123456789ab"], 1), (["--udp"], 2), (["--dst", "2001:db8::1"], 1),
                        (["--count", "2"], 2)):
        _, lines = bench.lines(path, *words)
        tap.ok(len(rows_of(lines)) == rows, "%s lets %d through" % (" ".join(words), rows),
               len(rows_of(lines)))
    etl = os.path.join(HERE, os.pardir, "fixtures", "evidence", "etl", "plain.etl")
    refused = run([PORTROOM, "trace", "--on", etl, "--unit", "billing"])
    tap.ok(refused.status == 2 and refused.err.count("\n") == 1 and not refused.out,
           "an event trace of Windows knows no unit, and says so", refused)
    for words, rows in (([], 3), (["--all"], 4)):
        _, lines = bench.lines(bench.write(made.windows()), *words)
        tap.ok(len(rows_of(lines)) == rows, "of Windows, %s: %d" % (words or "no option", rows), lines)


def verdict_on(*paths):
    words = [word for path in paths for word in ("--on", path)]
    return run([PORTROOM, "check", "--json", *words])


def finding_in(check, rule):
    return [finding for finding in check.json()["findings"] if finding["rule"] == rule]


def check_verdict(bench):
    tap = bench.tap
    for name, text, rule, subjects in (
            ("of Linux", made.linux(), "ran_out", {"tcp": 5, "udp": 1}),
            ("of Windows", made.windows(), "windows_ran_out", {"tcp": 2})):
        check = verdict_on(bench.write(text))
        found = {finding["subject"].split(",")[0]: finding["evidence"][-1]["value"]
                 for finding in finding_in(check, rule)}
        tap.ok(check.status == 2 and found == subjects and
               all(finding["strength"] == "proof" for finding in finding_in(check, rule)),
               "%s: calls that failed are proof" % name, check.out[:3000])
    quiet = verdict_on(bench.write(made.text(made.start(), made.end(60, 0))))
    tap.ok(quiet.status == 3, "a recording without calls neither proves nor clears", quiet.out[:2000])


def check_snapshot(bench):
    """With what portroom save wrote it is one machine."""
    tap = bench.tap
    folder = os.path.join(bench.folder, "both")
    os.mkdir(folder)
    shutil.copy(os.path.join(SNAPSHOTS, "snapshot.json"), folder)
    with open(os.path.join(folder, "failures.jsonl"), "w", encoding="utf-8") as file:
        file.write(made.linux())
    alone = run([PORTROOM, "check", "--json", "--on", os.path.join(folder, "snapshot.json")]).json()
    both = verdict_on(folder).json()
    kinds = {each["kind"] for each in both["evidence"]["artefacts"]}
    tap.ok(kinds == {"portroom trace", "saved"} and
           not [each for each in both["evidence"]["artefacts"] if each["why_not"]],
           "both are read", both["evidence"]["artefacts"])
    tap.ok(both["host"] == alone["host"] and both["destinations"] == alone["destinations"],
           "the machine is that of the snapshot", both["host"])
    rules = {finding["rule"] for finding in both["findings"]}
    tap.ok("ran_out" in rules and {finding["rule"] for finding in alone["findings"]} <= rules,
           "what is wrong with either is found", rules)
    tap.ok(len(rows_of(bench.lines(folder)[1])) == 6, "trace --on has the calls of the folder")
    with open(os.path.join(folder, "failures.jsonl"), "w", encoding="utf-8") as file:
        file.write(made.windows())
    mixed = verdict_on(folder).json()
    tap.ok(any("Windows machine" in gap["what"] for gap in mixed["gaps"]) and
           "ran_out" not in {finding["rule"] for finding in mixed["findings"]},
           "a recording of another system is of another machine", mixed["gaps"])


def check_cuts(bench):
    """Wherever a disk was full, the lines before are read and the line is named."""
    tap = bench.tap
    whole = made.text(made.start(), *(made.failure(second) for second in range(1, 6)))
    wrong = []
    for cut in range(len(made.text(made.start())), len(whole), 97):
        lines = whole[:cut].count("\n")
        done, told = bench.lines(bench.write(whole[:cut]))
        if done.status or len(rows_of(told)) != lines - 1 or not told[-1]["traces"][0]["incomplete"]:
            wrong.append((cut, done))
    tap.ok(not wrong, "cut anywhere it is read as far as it goes", *wrong[:3])
    artefact = verdict_on(bench.write(whole[:-10])).json()["evidence"]["artefacts"][0]
    tap.ok("line 6" in artefact["partial"], "the line that was cut is named", artefact)


def check_size(bench):
    """Memory does not grow with the file; nor does this program, whose size a child is born with."""
    if is_sanitized(PORTROOM):
        return  # its memory is the sanitizer's, and no case of this build
    lines = made.text(made.failure()) * 1000
    path = bench.write(made.text(made.start()), "large.jsonl")
    with open(path, "a", encoding="ascii") as file:
        for _ in range(LARGE // len(lines)):
            file.write(lines)
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen([PORTROOM, "trace", "--on", path], stdout=nowhere, stderr=nowhere)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    bench.tap.ok(status == 0 and usage.ru_maxrss < MOST_MEMORY_KB,
                 "of %d MiB it takes less than %d MiB" % (LARGE >> 20, MOST_MEMORY_KB >> 10),
                 status, usage.ru_maxrss)


def check_kept(bench):
    for where, contents in ((("fixtures", "evidence", "trace"), made.seeds()),
                            (("fuzz", "corpus", "trace_lines"), made.corpus())):
        folder = os.path.join(HERE, os.pardir, *where)
        wrong = []
        for name, content in contents.items():
            with open(os.path.join(folder, name), "rb") as file:
                if file.read() != (content if isinstance(content, bytes) else content.encode()):
                    wrong.append(name)
        bench.tap.ok(not wrong, "%s is what trace_lines.py writes" % os.path.join(*where), *wrong)


def main():
    tap = Tap()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(tap, folder)
        for check in (check_rows, check_text, check_filters, check_verdict, check_snapshot, check_cuts,
                      check_size, check_kept):
            try:
                check(bench)
            except Exception as error:  # the others are still of interest
                tap.ok(False, "%s ends without an error" % check.__name__, repr(error))
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
