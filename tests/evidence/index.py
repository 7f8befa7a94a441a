#!/usr/bin/env python3
"""Does portroom read real samples as their index says?

    index.py [--refused SUFFIX] PORTROOM FOLDER

PORTROOM may be several words (wine portroom.exe). With --refused, files of that suffix are no evidence for it.
FOLDER has INDEX.md (samples.py) and the files that it names; nothing of it belongs to portroom. A case
for each expectation; one that is not understood is a failure, and so is a file without any, and one
that the index does not name. Prints TAP.
"""

import os
import sys

sys.dont_write_bytecode = True  # leave nothing behind in the source tree
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))

import expectations
import samples
from answers import Answers
from live import Tap


def ask(tap, name, expectation, answers):
    try:
        wrong = expectation.check(answers)
    except Exception as error:  # an answer of another form is an answer that is wrong
        wrong = [f"{type(error).__name__}: {error}"]
    tap.ok(not wrong, f"{name}: {expectation.sentence}", *wrong)


def is_no_evidence(tap, name, answers):
    """Of a table that says nothing of what is in its files: they belong to others."""
    done = answers.run("read", answers.path)
    said = done.stderr.decode("utf-8", "replace")
    tap.ok(done.returncode == 3 and not done.stdout and os.path.basename(name) in said,
           f"{name} is no evidence, and is refused in a sentence that names it",
           f"exit status {done.returncode}", done.stdout[:300], said)


def try_sample(tap, portroom, sample, name, refused):
    answers = Answers(portroom, sample.path)
    if not os.path.isfile(sample.path):
        tap.ok(False, f"{name} is there")
        return
    if sample.what is None or refused and name.endswith(refused):
        is_no_evidence(tap, name, answers)
        return
    found, left = expectations.of_sample(sample)
    if left:
        tap.ok(False, f"{name}: what is said of it is understood", f"not understood: {left}")
    if sample.asserted and len(found) < 2:
        tap.ok(False, f"{name}: something is expected of it", sample.what)
    for expectation in found:
        ask(tap, name, expectation, answers)


def main(words):
    refused = words.pop(1) if len(words) > 1 and words[0] == "--refused" else None
    words = words[1:] if refused else words
    if len(words) < 2:
        sys.exit(__doc__)
    portroom = [*words[:-2], os.path.abspath(words[-2])]
    folder = os.path.abspath(words[-1])
    tap = Tap()
    try:
        listed = samples.read(folder)
    except (OSError, ValueError) as error:
        sys.exit(f"index.py: {error}")
    tap.ok(listed, "the index names files")
    for sample in listed:
        try_sample(tap, portroom, sample, os.path.relpath(sample.path, folder), refused)
    for path in samples.unnamed(folder, listed):
        tap.ok(False, f"{os.path.relpath(path, folder)} is named in the index")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
