#!/usr/bin/env python3
"""Does portroom.exe read real samples as their index says? See tests/evidence/index.py.

    test_samples.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR]

PORTROOM_EVIDENCE names their folder, as for ./dev test, which leaves this out where it names none: other people's files,
which are not kept here. Event logs (.evtx) are refused: Windows reads them itself, and Wine has nothing that does.
"""

import os
import subprocess
import sys

from wine import HERE, Tap, enter

TIMEOUT_S = 280


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        folder = os.environ.get("PORTROOM_EVIDENCE", "")
        if not os.path.isdir(folder):
            tap.skip("real samples", "PORTROOM_EVIDENCE names no folder: '%s'" % folder)
            return tap.finish()
        argv = [sys.executable, "-B", os.path.join(HERE, "..", "evidence", "index.py"), "--refused", ".evtx", "wine",
                wine.program, os.path.abspath(folder)]
        done = subprocess.run(argv, stdout=subprocess.PIPE, env=wine.environment(), timeout=TIMEOUT_S, check=False)
        lines = done.stdout.decode("utf-8").splitlines()
        for at, line in enumerate(lines):
            if line.startswith(("ok ", "not ok ")):
                said = [more[2:] for more in lines[at + 1:at + 12] if more.startswith("# ")]
                tap.ok(line.startswith("ok "), line.split(" - ", 1)[1], *said)
        tap.ok(tap.count > 20 and done.returncode in (0, 1), "the index was tried to its end", done.returncode, lines[-3:])
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
