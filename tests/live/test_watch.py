#!/usr/bin/env python3
"""`portroom watch`: a line per interval that tells what `check` and the situation tell, through trouble.

    test_watch.py PORTROOM SITUATION [--schema-dir DIR] [CASE...]
"""

import json
import os
import signal
import subprocess
import sys
import time

from live import Tap, guard, need_root, run
from test_check import Schemas, take_option
from test_remedies import Fresh

CASES = []
FIELDS = 15


def case(function):
    CASES.append(function)
    return function


class Here:
    def __init__(self, words, schemas):
        self.portroom, self.program = (os.path.abspath(word) for word in words)
        self.schemas = schemas

    def words(self, words, situation=None):
        netns = ["--netns", str(situation.truth["pid"])] if situation else []
        return [self.portroom, "watch", "--lang", "en"] + netns + words.split()

    def lines(self, tap, words, situation=None):
        answer = run(self.words(words + " --json", situation))
        lines = [json.loads(line) for line in answer.out.splitlines()]
        for line in lines:
            self.schemas.try_document(tap, line, words)
        return lines


@case
def tells(tap, here):
    with Fresh(here.program, "destination_full") as situation:
        first, second = here.lines(tap, "200ms --count 2", situation)
        full = first["fullest"]
        tap.ok(first["verdict"] == "critical" and full["room_min"] == 0 and full["port"] == 9000,
               "the fullest destination", full)
        holders = [holder["pid"] for holder in situation.truth["holders"]]
        tap.ok(first["culprit"]["pid"] in holders and second["culprit"] == first["culprit"],
               "and who has it, from the first line on", first["culprit"], holders)
        tap.ok(first["opens_per_s"] is None and second["opens_per_s"] == 0, "opens a second from the second line on",
               first, second)
        counted = int(situation.enter(["sh", "-c", "ss -tanH state established | wc -l"]).out)
        tap.ok(first["states"]["established"] == counted > 0, "as many sockets as ss has", first["states"], counted)
        text = run(here.words("100ms --count 3", situation)).out.splitlines()
        tap.ok(len(text) == 4 and all(len(line.split()) == FIELDS for line in text), "as text, as many fields each",
               text)
        tap.ok(text[1].split()[1:4] == ["critical", "0", "100%"] and text[1].endswith("/%d" % first["culprit"]["pid"]),
               "that say the same", text)


@case
def counts(tap, here):
    """Connections opened a second, and calls that fail, are those that are made."""
    with Fresh(here.program, "destination_full") as situation:
        with subprocess.Popen(here.words("1 --count 3 --json", situation), stdout=subprocess.PIPE,
                              universal_newlines=True) as watch:
            watch.stdout.readline()
            made = situation.enter([sys.executable, "-c",
                                    "import socket\nfailed = 0\nfor i in range(20):\n    s = socket.socket()\n"
                                    "    try: s.connect(('127.0.0.1', 9000))\n"
                                    "    except OSError: failed += 1\n    s.close()\nprint(failed)"])
            rest = [json.loads(line) for line in watch.stdout]
        tap.ok(int(made.out) == 20 and sum(line["failed_calls"] for line in rest) >= 20, "failed calls are counted",
               made, rest)


@case
def trouble(tap, here):
    with Fresh(here.program, "destination_full") as situation:
        with open("/dev/full", "w", encoding="ascii") as full:
            made = subprocess.run(here.words("100ms --count 4", situation), stdout=full, stderr=subprocess.PIPE,
                                  universal_newlines=True, check=False, timeout=60)
        tap.ok(made.returncode == 1 and made.stderr.count("\n") == 1 and "standard output" in made.stderr,
               "a full disk is one sentence, and not the end", made)
        answer = run(["sh", "-c", "ulimit -n 8; exec \"$@\"", "sh"] + here.words("100ms --count 3", situation))
        tap.ok(answer.status in (0, 1) and answer.err.count("\n") <= 2 and len(answer.out.splitlines()) <= 4,
               "nor are too few descriptors", answer)
        answer = run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + here.words("100ms --count 2"))
        tap.ok(answer.status == 0 and answer.out.splitlines()[1].split()[12] == "-",
               "without privilege failed calls are not known", answer)


@case
def at_once(tap, here):
    """Each line comes as it is written, and a signal ends it."""
    with subprocess.Popen(here.words("200ms"), stdout=subprocess.PIPE, universal_newlines=True) as watch:
        began = time.monotonic()
        lines = [watch.stdout.readline() for _ in range(4)]
        tap.ok(all(lines) and time.monotonic() - began < 30, "lines come while it runs", lines)
        watch.send_signal(signal.SIGINT)
        tap.ok(watch.wait(5) in (-signal.SIGINT, 0, 130), "and Ctrl-C ends it", watch.returncode)


@case
def refused(tap, here):
    for words, said in (("1 2", "one interval"), ("0", "no interval"), ("99ms", "no interval"), ("25h", "no interval"),
                        ("soon", "no interval"), ("--count 0", "--count '0'"), ("--root /proc", "--root")):
        answer = run([here.portroom, "watch"] + words.split())
        tap.ok(answer.status == 2 and said in answer.err and answer.err.count("\n") == 1,
               "watch %s is one sentence" % words, answer)


def main(words):
    schemas = Schemas(take_option(words, "--schema-dir"))
    if len(words) < 2:
        sys.exit(__doc__)
    tap = Tap()
    need_root(tap)
    here = Here(words[:2], schemas)
    for function in CASES:
        if not words[2:] or function.__name__ in words[2:]:
            guard(tap, function.__name__, function, tap, here)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
