#!/usr/bin/env python3
"""Count test cases, say which failed, and end with the line `N passed, N failed`.

usage: count-tests.py FILE...

A FILE is meson's testlog.json (one JSON object a line, one for each test program) or, named
*.tap, plain TAP. Cases are counted from the TAP itself, not from the number of programs. A program
that crashes, times out or runs fewer cases than it planned is a failure even if every case that it
got to was fine. In CI a skipped case is a failure: nothing there may be missing. Exit status 0
only if something passed and nothing failed.
"""

import json
import os
import re
import sys

CASE = re.compile(r"(not )?ok\b\s*(\d+)?[\s-]*([^#]*)(?:#\s*(skip)\b\s*(.*))?", re.IGNORECASE)
PLAN = re.compile(r"1\.\.(\d+)")
TAIL = 40


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def fail(self, name, output):
        self.failed += 1
        print(f"FAILED  {name}")
        for line in output[-TAIL:]:
            print(f"        {line}")

    def skip(self, name):
        if os.environ.get("CI") == "true":
            self.fail(f"{name}: skipped, which CI does not allow", [])
        else:
            self.skipped += 1

    def tap(self, name, lines):
        """Count the cases in lines; return (cases seen, cases planned or None)."""
        seen, planned = 0, None
        for at, line in enumerate(lines):
            if plan := PLAN.match(line):
                planned = (planned or 0) + int(plan[1])
            if not (case := CASE.match(line)):
                continue
            seen += 1
            title = f"{name}: {case[3].strip() or case[5] or case[2]}"
            if case[4]:
                self.skip(title)
            elif case[1]:
                self.fail(title, diagnostics(lines, at))
            else:
                self.passed += 1
        return seen, planned

    def program(self, test):
        """One line of testlog.json."""
        lines = test.get("stdout", "").splitlines()
        failed_before, skipped_before = self.failed, self.skipped
        seen, _ = self.tap(test["name"], lines)
        # cmocka 1.1.5 writes a skipped case as `not ok 3 # SKIP`, which Meson takes for a failure.
        only_skipped = test["result"] == "FAIL" and self.skipped > skipped_before
        if test["result"] not in ("OK", "EXPECTEDFAIL", "SKIP") and not only_skipped:
            if self.failed == failed_before:
                ended = f"{test['result'].lower()}, exit status {test.get('returncode')}"
                output = lines + test.get("stderr", "").splitlines()
                self.fail(f"{test['name']}: {ended}", output)
        elif seen == 0 and test["result"] == "SKIP":
            self.skip(test["name"])
        elif seen == 0:
            self.passed += 1

    def file(self, path):
        with open(path, encoding="utf-8", errors="replace") as stream:
            lines = stream.read().splitlines()
        name = os.path.basename(path)
        if not path.endswith(".tap"):
            for line in lines:
                self.program(json.loads(line))
            return
        seen, planned = self.tap(name.removesuffix(".tap"), lines)
        if seen != planned:
            self.fail(f"{name}: {seen} cases, {planned} planned", lines)


def diagnostics(lines, at):
    """The comment lines that belong to a case: cmocka writes them before it, others after it."""
    first, last = at, at + 1
    while last < len(lines) and lines[last].startswith("#"):
        last += 1
    while last == at + 1 and first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return lines[first:at] + lines[at + 1 : last]


def main():
    count = Count()
    for path in sys.argv[1:]:
        count.file(path)
    if count.skipped:
        print(f"{count.skipped} skipped")
    print(f"{count.passed} passed, {count.failed} failed")
    return 0 if count.passed and not count.failed else 1


sys.exit(main())
