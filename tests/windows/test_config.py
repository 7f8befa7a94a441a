#!/usr/bin/env python3
"""The configuration file, which everybody could make in %ProgramData%: whose it is counts for whoever has an administrator's
rights, as all have here. Wine tells the rights of Unix as those of Windows.

    test_config.py PORTROOM.EXE PROGRAMS STANDINS [--prefix DIR] [NAME...]
"""

import os
import shutil
import sys

from wine import Tap, enter, guard

MISTAKE = "warnin = 20%\n"  # that it was read is told by a sentence about it


def place(wine, text):
    folder = wine.drive_c("ProgramData/portroom")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder, 0o755)
    path = os.path.join(folder, "portroom.conf")
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, 0o644)
    return folder, path


def try_ours(tap, wine):
    _, path = place(wine, MISTAKE)
    answer = wine.portroom("check")
    tap.ok("ProgramData\\portroom\\portroom.conf, line 1" in answer.err and "did you mean warning" in answer.err,
           "a file that is the administrators' alone is read", answer)
    answer = wine.portroom("check", env={"ProgramData": "C:\\elsewhere"})
    tap.ok("ProgramData\\portroom\\portroom.conf, line 1" in answer.err,
           "and lies where Windows says, not where the environment says", answer)
    os.unlink(path)
    answer = wine.portroom("check")
    tap.ok(answer.err == "" and answer.status != 3, "where there is none nothing is asked of the folder", answer)


def try_others(tap, wine):
    for what, mode in (("the folder", 0o777), ("the file", 0o666)):
        folder, path = place(wine, MISTAKE)
        place_of = folder if what == "the folder" else path
        os.chmod(place_of, mode)
        answer = wine.portroom("check")
        shown = "C:\\ProgramData\\portroom" + ("" if what == "the folder" else "\\portroom.conf")
        tap.ok(answer.status == 3 and "takeown /A /F %s, icacls %s /reset" % (shown, shown) in answer.err and
               answer.err.count("\n") == 1 and "warnin" not in answer.err,
               "%s that everybody may write to is refused in a sentence that tells how to mend it" % what, answer)
        answer = wine.portroom("check", "--config", "C:\\ProgramData\\portroom\\portroom.conf")
        tap.ok("line 1" in answer.err, "a file that is named is whoever's choice it is", answer)
        answer = wine.portroom("range", "show")
        tap.ok(answer.status == 0, "commands without a configuration do not ask", answer)


def main(words):
    tap = Tap()
    with enter(tap, words, __doc__) as wine:
        for sentence, test in (("ours", try_ours), ("others", try_others)):
            if not wine.rest or sentence in wine.rest:
                guard(tap, sentence, test, tap, wine)
        shutil.rmtree(wine.drive_c("ProgramData/portroom"), ignore_errors=True)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
