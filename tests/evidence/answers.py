"""What portroom says of one file. Each command is run once, when its answer is first asked for."""

import json
import subprocess
from functools import cached_property

TIMEOUT_S = 120


class Answers:
    """`portroom` is the program and what stands before it, as words."""

    def __init__(self, portroom, path):
        self.portroom, self.path = portroom, path

    def run(self, *words):
        return subprocess.run([*self.portroom, *words], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT_S, check=False)

    def document(self, *words):
        done = self.run(*words, "--on", self.path, "--json")
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise ValueError(f"{' '.join(words)} gives no JSON, but exit status {done.returncode}: "
                             f"{done.stderr.decode('utf-8', 'replace').strip()}") from None

    @cached_property
    def check(self):
        return self.document("check")

    @cached_property
    def ranges(self):
        return self.document("range", "show")

    @cached_property
    def sockets(self):
        """A row for each that is listed."""
        return self.document("list")["rows"]

    @cached_property
    def states(self):
        """How many sockets there are by (protocol, state)."""
        rows = self.document("list", "--by", "protocol,state")["rows"]
        return {(row["protocol"], row["state"]): row["count"] for row in rows}

    @cached_property
    def calls(self):
        """A row for each call that a trace saw fail."""
        done = self.run("trace", "--on", self.path, "--all", "--json")
        lines = (json.loads(line) for line in done.stdout.splitlines())
        return [line for line in lines if line["line"] == "failure"]

    @property
    def artefacts(self):
        return self.check["evidence"]["artefacts"]

    @property
    def trace(self):
        traces = self.check["evidence"]["traces"]
        if len(traces) != 1:
            raise ValueError(f"{len(traces)} traces are told of, not one")
        return traces[0]

    @property
    def log(self):
        logs = self.check["evidence"]["logs"]
        if len(logs) != 1:
            raise ValueError(f"{len(logs)} logs are told of, not one")
        return logs[0]

    def events(self, event):
        """How many logged events have this number."""
        return sum(row["count"] for row in self.check["evidence"]["events"] if row["id"] == event)
