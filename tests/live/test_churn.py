#!/usr/bin/env python3
"""What a pass guarantees: what stays is counted exactly once, whatever comes and goes around it.

    test_churn.py PORTROOM MARKERS [SECONDS]

10,000 sockets that do not change, four processes that connect and close as fast as they can, and
snapshots back to back for SECONDS (30 if not told): in each, by each source, every one of the 10,000 is
there once. The rate that was reached is printed: 20,000 connections/s and more on a machine that has
nothing else to do; much less, and the test would show nothing.

sock_diag goes on within a chain of the kernel's table by a number, where its buffer was full (Linux net/ipv4/inet_diag.c,
inet_diag_dump_icsk()): what stands behind one that has just gone may be passed over, and met twice behind one that has
just come. It cannot promise as much, and of its looks a few sockets may be missing.
"""

import os
import subprocess
import sys
import time

from live import Tap, guard, loads, need_root, run

CONNECTIONS, CHURNERS, PORT, LEAST_RATE = 5000, 4, 9001, 5000
SOCK_DIAG_SLACK = 5  # of 10,000


class Markers:
    """The program that holds the sockets, and churns."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, str(CONNECTIONS), str(CHURNERS)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        universal_newlines=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready pid="):
            raise RuntimeError("the sockets could not be made: " + line)
        self.pid = line.strip()[len("ready pid="):]

    def end(self):
        """How many connections a second came and went."""
        self.process.stdin.close()
        words = dict(word.split("=") for word in self.process.stdout.readline().split())
        self.process.wait()
        return int(words["cycles"]) / float(words["seconds"])


def ends_of(rows):
    """Both ends of each row, as text: what tells one socket from another."""
    return [(row["local"], row["local_port"], row["remote"], row["remote_port"])
            for row in rows]


def look(portroom, markers, options):
    answer = run(["nsenter", "-t", markers.pid, "-n", portroom, "list", "--jsonl", "--netns", "own",
                  "--port", str(PORT), "--state", "established"] + options)
    if answer.status:
        raise ValueError(str(answer))
    return ends_of(loads(line) for line in answer.out.splitlines())


def watch(tap, portroom, markers, options, seconds, slack=0):
    label = " ".join(options)
    end, looks, wrong = time.monotonic() + seconds, 0, []
    known = None
    while time.monotonic() < end:
        ends = look(portroom, markers, options)
        known = known or set(ends)
        known |= set(ends) if slack else set()
        looks += 1
        if abs(len(ends) - 2 * CONNECTIONS) > slack or len(known ^ set(ends)) > slack:
            wrong.append("look %d: %d rows, %d different ones, %d of the first look missing" %
                         (looks, len(ends), len(set(ends)), len(known - set(ends))))
    print("# %s: %d looks in %d s" % (label, looks, seconds))
    tap.ok(looks > 0 and len(known or ()) == 2 * CONNECTIONS and not wrong,
           "under churn, %s: %s of %d sockets that stay is there once in every look" %
           (label, "each but %d" % slack if slack else "each", 2 * CONNECTIONS), "%d of %d looks are wrong" % (len(wrong), looks), *wrong[:10])


def try_churn(tap, portroom, program, seconds):
    markers = Markers(program)
    try:
        watch(tap, portroom, markers, ["--source", "bpf_tables"], seconds)
        watch(tap, portroom, markers, ["--source", "bpf_iter"], seconds / 3)
        watch(tap, portroom, markers, ["--source", "sock_diag"], seconds / 6, SOCK_DIAG_SLACK)
    finally:
        rate = markers.end()
    tap.ok(rate >= LEAST_RATE, "meanwhile %d connections or more come and go a second" % LEAST_RATE,
           "%.0f" % rate)
    print("# %.0f connections/s" % rate)


def main(words):
    if len(words) < 2:
        sys.exit(__doc__)
    portroom, program = (os.path.abspath(word) for word in words[:2])
    tap = Tap()
    need_root(tap)
    guard(tap, "churn", try_churn, tap, portroom, program, float(words[2]) if words[2:] else 30)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
