"""The stand-in for netsh, and portroom with it: what the tests of the dynamic port range share."""

import glob
import os
import shutil
import subprocess

try:
    import jsonschema
except ImportError:
    jsonschema = None

from wine import loads

DEFAULT = (49152, 65535)
ROWS = [("tcp", "ipv4"), ("tcp", "ipv6"), ("udp", "ipv4"), ("udp", "ipv6")]
SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "schema")
WIDE = ("--first", "10000", "--last", "65535")


class Netsh:
    """The stand-in's file, and portroom with it."""

    def __init__(self, wine):
        self.wine = wine
        self.state, self.log = wine.file("netsh-state"), wine.file("netsh-log")

    def begin(self, *lines):
        """As it is after an installation, but for these lines; no record of an earlier change."""
        with open(self.state, "w", encoding="ascii") as file:
            file.write("".join(line + "\n" for line in lines))
        self.forget_log()
        shutil.rmtree(self.wine.drive_c("ProgramData/portroom.range"), ignore_errors=True)
        for path in glob.glob(self.state + ".late*"):
            os.unlink(path)

    def forget_log(self):
        open(self.log, "w", encoding="ascii").close()

    def env(self, options):
        return {"NETSH_STATE": self.wine.path(self.state), "NETSH_LOG": self.wine.path(self.log),
                "NETSH_OPTIONS": options}

    def range(self, *words, options="en", timeout_s=90):
        return self.wine.portroom("range", *words, env=self.env(options), standins=["netsh.exe"],
                                  timeout_s=timeout_s)

    def popen(self, *words, options="en"):
        nothing = subprocess.DEVNULL
        return subprocess.Popen(["wine", self.wine.program, "range"] + list(words), stdin=nothing, stdout=nothing,
                                stderr=nothing, env=self.wine.environment(self.env(options), ["netsh.exe"]))

    def rows(self, store="active"):
        """What the stand-in has: (first, last) by row."""
        rows = dict.fromkeys(ROWS, DEFAULT)
        with open(self.state, encoding="ascii") as file:
            for line in file:
                words = line.split()
                if words[0] == store:
                    first, count = int(words[3]), int(words[4])
                    rows[words[1], words[2]] = (first, first + count - 1)
        return rows

    def sets(self):
        with open(self.log, encoding="ascii") as file:
            return [line.strip() for line in file if " set " in line]

    def record(self):
        try:
            with open(self.wine.drive_c("ProgramData/portroom.range/range.record"), encoding="ascii") as file:
                return dict(line.rstrip("\n").split(" ", 1) for line in file if " " in line)
        except FileNotFoundError:
            return None


def shown(answer):
    return {(row["protocol"], row["family"]): (row["first"], row["last"]) for row in answer.json()["ranges"]}


def source(answer, name):
    return [entry for entry in answer.json()["sources"] if entry["name"] == name][0]


def fits(tap, answer, sentence):
    """The document is of its published schema."""
    if jsonschema is None:
        tap.skip(sentence, "needs python3-jsonschema")
        return
    document = answer.json()
    name = document["schema"].replace("portroom.", "").replace("/", "-")
    with open(os.path.join(SCHEMAS, name + ".json"), encoding="utf-8") as file:
        problems = list(jsonschema.Draft202012Validator(loads(file.read())).iter_errors(document))
    tap.ok(not problems, sentence, [problem.message for problem in problems])


def all_of(value):
    return dict.fromkeys(ROWS, value)
