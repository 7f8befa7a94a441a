#!/usr/bin/env python3
"""Run the fuzz targets that a build folder has and say in a line what each found.

usage: fuzz.py BUILD FINDINGS SECONDS [TARGET...]

A target is run for SECONDS on its corpus, its seeds and what earlier runs came to; several at a
time, as there are processors. FINDINGS/TARGET/ keeps what it came to (corpus/), its log, and the
input of each finding: crash-*, leak-*, oom-*, timeout-*. Exit status 1 if there is a finding, or a
target that did not run; 2 for a target that there is not.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

FINDING = ("crash-", "leak-", "oom-", "timeout-")
LIMITS = ("-rss_limit_mb=1024", "-malloc_limit_mb=512", "-timeout=20")
TAIL = 40


class Target:
    def __init__(self, build, findings, line):
        self.name, *seeds = line.split()
        self.program = os.path.join(build, "tests", "fuzz", f"fuzz-{self.name}")
        self.seeds = [os.path.join("tests", seed) for seed in seeds]
        self.corpus = os.path.join("tests", "fuzz", "corpus", self.name)
        self.folder = os.path.join(findings, self.name)
        self.log = os.path.join(self.folder, "log")

    def found(self):
        return sorted(name for name in os.listdir(self.folder) if name.startswith(FINDING))

    def run(self, seconds):
        """The line about it, and whether all is well."""
        kept = os.path.join(self.folder, "corpus")
        os.makedirs(kept, exist_ok=True)
        for name in self.found():
            os.unlink(os.path.join(self.folder, name))
        corpora = [kept] + [folder for folder in [self.corpus] if os.path.isdir(folder)]
        command = [self.program, f"-max_total_time={seconds}", "-print_final_stats=1",
                   f"-artifact_prefix={self.folder}/", f"-seed_inputs={','.join(self.seeds)}",
                   *LIMITS, *corpora]
        with open(self.log, "wb") as log:
            status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    check=False).returncode
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return self.summary(log.read(), status)

    def summary(self, text, status):
        edges = [int(number) for number in re.findall(r"^#\d+\t\S.* cov: (\d+)", text, re.MULTILINE)]
        runs = re.findall(r"^#(\d+)\t", text, re.MULTILINE)
        new = re.search(r"^stat::new_units_added:\s+(\d+)", text, re.MULTILINE)
        found = self.found()
        well = status == 0 and not found and edges
        if edges:
            said = (f"{int(runs[-1]):,} runs, coverage {edges[0]:,} -> {edges[-1]:,} edges, "
                    f"{new[1] if new else '?'} new inputs, {len(found)} findings")
        else:
            said = "it did not run"
        line = f"{self.name:16} {said}"
        for name in found:
            line += f"\n  {os.path.join(self.folder, name)}"
        if not well:
            line += "".join(f"\n    {row}" for row in text.splitlines()[-TAIL:])
        return line, well


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    build, findings, seconds, *names = sys.argv[1:]
    with open(os.path.join(build, "tests", "fuzz", "targets"), encoding="utf-8") as lines:
        targets = [Target(build, findings, line) for line in lines if line.strip()]
    unknown = set(names) - {target.name for target in targets}
    if unknown:
        print(f"./dev fuzz: no target is called '{min(unknown)}'; there are: "
              f"{' '.join(target.name for target in targets)}", file=sys.stderr)
        return 2
    os.environ.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    chosen = [target for target in targets if not names or target.name in names]
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for line, well in pool.map(lambda target: target.run(seconds), chosen):
            print(line, flush=True)
            failed += not well
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
