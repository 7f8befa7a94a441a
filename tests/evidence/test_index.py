#!/usr/bin/env python3
"""index.py itself: a number that is wrong fails, and so does whatever it cannot check.

    test_index.py PORTROOM
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
from live import Tap

TABLE = "## netstat/\n| file | source | what |\n|---|---|---|\n"
ROWS = ("  Proto  Local Address  Foreign Address  State  PID\r\n"
        "  TCP  0.0.0.0:80  0.0.0.0:0  LISTENING  4\r\n"
        "  TCP  192.0.2.1:50000  198.51.100.1:443  ESTABLISHED  812\r\n"
        "  TCP  192.0.2.1:50001  198.51.100.1:443  TIME_WAIT  0\r\n"
        "  UDP  0.0.0.0:53  *:*  812\r\n")

# What the index says, whether all is well, and a word of the case that fails.
CASES = (
    ("a.txt | invented | expect: LISTENING 1, ESTABLISHED 1, TIME_WAIT 1 (all PID 0), UDP 1.", True, ""),
    ("a.txt / .cp850.txt | invented | expect: LISTENING 1; UDP 1.", True, ""),
    ("a.txt | invented | expect: LISTENING 2, ESTABLISHED 1.", False, "LISTENING 2"),
    ("a.txt | invented | expect: LISTENING 1. No PID column.", False, "no process is named"),
    ("a.txt | invented | expect: LISTENING 1, HALF_OPEN 3.", False, "is understood"),
    ("a.txt | invented | expect: ", False, "something is expected"),
    ("b.txt | invented | expect: LISTENING 1.", False, "b.txt is there"),
    ("c.txt | invented | expect: LISTENING 1.", False, "a.txt is named in the index"),
)


def verdict(portroom, folder, line):
    with open(os.path.join(folder, "INDEX.md"), "w", encoding="utf-8") as index:
        index.write(f"{TABLE}| {line} |\n")
    return subprocess.run([sys.executable, os.path.join(HERE, "index.py"), portroom, folder],
                          capture_output=True, text=True, check=False)


def main(words):
    if len(words) != 1:
        sys.exit(__doc__)
    tap = Tap()
    for line, well, word in CASES:
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "netstat"))
            names = ["a.txt"] + (["a.cp850.txt"] if ".cp850" in line else []) + \
                (["c.txt"] if line.startswith("c.txt") else [])
            for name in names:
                with open(os.path.join(folder, "netstat", name), "w", encoding="ascii", newline="") as file:
                    file.write(ROWS)
            done = verdict(words[0], folder, line)
        failed = [row for row in done.stdout.splitlines() if row.startswith("not ok")]
        tap.ok(done.returncode == (not well) and bool(failed) != well and
               all(word in row for row in failed[:1]),
               f"'{line}' {'holds' if well else 'fails'}", done.stdout, done.stderr)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
