#!/usr/bin/env python3
"""`portroom watch`: a line per interval that tells what `check` and the situation tell, through trouble.

    test_watch.py PORTROOM SITUATION [--schema-dir DIR] [CASE...]
"""

import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from live import TRIES, Tap, guard, need_root, run
from test_check import Schemas, take_option
from test_remedies import Fresh

CASES = []
FIELDS = 17
LINES_AWAITED = 60


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
def no_destination(tap, here):
    """What is critical without a destination is named, too."""
    for name, protocol in (("bound_only_leak", "tcp"), ("udp_full", "udp"), ("nothing_free", "tcp")):
        with Fresh(here.program, name) as situation:
            line = here.lines(tap, "100ms --count 1", situation)[0]
            full = line["fullest"]
            tap.ok(line["verdict"] == "critical" and full["protocol"] == protocol and full["destination"] is None and
                   full["room_min"] == 0 and line["culprit"]["pid"] in
                   [holder["pid"] for holder in situation.truth["holders"]], name + " has no destination", line)


@case
def counts(tap, here):
    """Connections opened a second, and calls that fail, are those that are made."""
    with Fresh(here.program, "destination_full") as situation:
        with subprocess.Popen(here.words("500ms --json", situation), stdout=subprocess.PIPE,
                              universal_newlines=True) as watch:
            watch.stdout.readline()
            made = situation.enter([sys.executable, "-c",
                                    "import socket\nfailed = 0\nfor i in range(20):\n    s = socket.socket()\n"
                                    "    try: s.connect(('127.0.0.1', 9000))\n"
                                    "    except OSError: failed += 1\n    s.close()\nprint(failed)"])
            rest = []
            while sum(line["failed_calls"] for line in rest) < 20 and len(rest) < LINES_AWAITED:
                rest.append(json.loads(watch.stdout.readline()))
            watch.kill()
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


DISK = """
mount -t tmpfs -o size=64k none "$1/disk" && cd "$1/disk" && head -c 57344 /dev/zero > ballast || exit 9
err=$1/err
shift
"$@" >> log 2> "$err" &
watch=$!
tries=0
soon() {
    tries=$((tries + 1))
    [ $tries -lt 600 ] && sleep 0.1
}
until [ -s "$err" ]; do soon || break; done
rm ballast
until [ "$(tail -c 1000 log | grep -c lost_lines.:0)" -ge 1 ] && [ "$(wc -c < log)" -gt 10000 ]; do soon || break; done
kill $watch
cat log
"""


@case
def disk(tap, here):
    """A line that finds no room is counted in the next one that does, and both halves of the record can be read."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(folder + "/disk")
        answer = run(["unshare", "--mount", "sh", "-c", DISK, "sh", folder] + here.words("100ms --json --netns own"))
        with open(folder + "/err", encoding="utf-8") as file:
            said = file.read()
    lines, torn = [], 0
    for line in answer.out.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            torn += 1
    lost = [index for index, line in enumerate(lines) if line["lost_lines"]]
    tap.ok(said.count("\n") == 1 and "No space left" in said, "a full disk is said once", said)
    tap.ok(torn <= 1 and len(lost) == 1 and 0 < lost[0] < len(lines) - 1,
           "the first line that fits says how many are missing, and others follow", torn, lost, lines[-2:])


@case
def nobody_reads(tap, here):
    """What can never be written is the end, also where SIGPIPE is ignored, as services have it."""
    with subprocess.Popen(here.words("100ms"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True,
                          preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)) as watch:
        watch.stdout.readline()
        watch.stdout.close()
        said = watch.stderr.read()
        tap.ok(watch.wait(60) == 1 and said.count("\n") == 1 and "Broken pipe" in said, "nobody reads any more", said)
    answer = run(["sh", "-c", "exec \"$@\" >&-", "sh"] + here.words("100ms"))
    tap.ok(answer.status == 1 and "Bad file descriptor" in answer.err, "standard output is closed", answer)


@case
def namespaces(tap, here):
    """One that is not there is refused at once; one that goes away later is an unknown, and may come again."""
    answer = run(here.words("100ms --netns portroom-none"))
    tap.ok(answer.status == 1 and not answer.out and "portroom-none" in answer.err, "a name that is not there", answer)
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/netns"
        script = "touch \"$1\" && mount --bind /proc/self/ns/net \"$1\" && shift && exec \"$@\""
        with subprocess.Popen(["unshare", "--net", "--mount", "sh", "-c", script, "sh", path] +
                              here.words("100ms --json --netns " + path), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True) as watch:
            first = json.loads(watch.stdout.readline())
            run(["nsenter", "--mount=/proc/%d/ns/mnt" % watch.pid, "umount", path])
            line, lines = {"verdict": ""}, []
            while line["verdict"] != "unknown" and len(lines) < 300:
                line = json.loads(watch.stdout.readline())
                lines.append(line)
            run(["nsenter", "--mount=/proc/%d/ns/mnt" % watch.pid, "mount", "--bind",
                 "/proc/%d/ns/net" % watch.pid, path])
            again = line
            while again["verdict"] == "unknown" and len(lines) < 600:
                again = json.loads(watch.stdout.readline())
                lines.append(again)
            watch.kill()
            said = watch.stderr.read()
    for each in (first, line, again):
        here.schemas.try_document(tap, each, "namespaces")
    tap.ok(first["verdict"] == "ok" and line["verdict"] == "unknown" and line["states"]["established"] is None and
           line["udp"] is None, "what has gone is not known, and not 0", first, line)
    tap.ok(again["verdict"] == "ok" and said.count("\n") == 1, "and seen again when it is back", again, said)


@case
def at_once(tap, here):
    """Each line comes as it is written, and a signal ends it."""
    with subprocess.Popen(here.words("200ms"), stdout=subprocess.PIPE, universal_newlines=True) as watch:
        began = time.monotonic()
        lines = [watch.stdout.readline() for _ in range(4)]
        tap.ok(all(lines) and time.monotonic() - began < 30, "lines come while it runs", lines)
        watch.send_signal(signal.SIGINT)
        tap.ok(watch.wait(30) in (-signal.SIGINT, 0, 130), "and Ctrl-C ends it", watch.returncode)


@case
def missed(tap, here):
    """While it is stopped, as on a machine that sleeps, looks are due: the next line says how many."""
    with subprocess.Popen(here.words("100ms --json --netns own"), stdout=subprocess.PIPE, universal_newlines=True) as watch:
        lines = [json.loads(watch.stdout.readline())]
        watch.send_signal(signal.SIGSTOP)
        time.sleep(1.05)
        watch.send_signal(signal.SIGCONT)
        lines += [json.loads(watch.stdout.readline()) for _ in range(3)]
        watch.kill()
    counted = [line["missed_intervals"] for line in lines]
    tap.ok(counted[0] == 0 and max(counted[1:]) >= 8, "looks that were due while it was stopped are counted", counted)
    for line in lines:
        here.schemas.try_document(tap, line, "missed")
    for _ in range(TRIES):  # until this machine has not stood still for so long
        lines = here.lines(tap, "3s --count 3 --netns own")
        times = [datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00")) for line in lines]
        if max(later - sooner for sooner, later in zip(times, times[1:])) < datetime.timedelta(seconds=5):
            break
    calm = [line["missed_intervals"] for line in lines]
    tap.ok(calm == [0, 0, 0], "where every look is in time there are none", calm, times)


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
