"""What is measured: set-ups, the tools in each, how a tool is counted, and the figures to reach.

A tool's time is compared with that of the portroom command that answers the same question. It is
compared only when both saw the same sockets; lsof lists what a process holds, so no TIME_WAIT.
"""

import json
import re
from dataclasses import dataclass
from typing import Callable

# Counts further apart than this are counts of different things.
COUNT_TOLERANCE = 0.05

# Memory does not grow with a file: four times as large it takes so much more at most.
GROWTH_MIB = 8

# What one can ask for with --only, and what it is about.
ROWS = {
    "owners": "who holds what: the whole program",
    "no-owners": "the same without owners",
    "no-bpf": "the same by sock_diag and /proc",
    "namespaces": "the same sockets in many network namespaces",
    "memory": "memory for that, BPF maps included",
    "evidence": "how fast large files of another machine are read, and in how much memory",
    "windows": "from the bytes of 50,000 rows of Windows' tables to what is judged",
    "quiet": "start to finish where there is hardly a socket",
    "ledger": "BPF time a connection while portroom samples",
    "syscalls": "cost of an unrelated system call while portroom samples or traces",
}

# What the figures are about: connections, TIME_WAIT, namespaces, the size of files.
FULL_CONNECTIONS = 100_000
FULL_TIME_WAIT = 400_000
FULL_NAMESPACES = 300
FULL_EVIDENCE_MIB = 300


def count_lines(pattern):
    """Counts the lines of an output that match."""
    wanted = re.compile(pattern)

    def count(path):
        with open(path, "rb") as lines:
            return {"sockets": sum(1 for line in lines if wanted.match(line))}

    return count


def count_portroom(path):
    """The sockets of the source that read most of them; owners' sources see other namespaces."""
    with open(path, encoding="utf-8") as text:
        document = json.load(text)
    seen = [(source["sockets"] or 0, source["name"]) for source in document["sources"]
            if source["used"] and source["name"] in ("bpf_tables", "bpf_iter", "sock_diag", "proc_net")]
    return dict(zip(("sockets", "source"), max(seen, default=(0, None))))


count_ss = count_lines(rb"[A-Z]+(-[A-Z0-9]+)* +\d")


@dataclass(frozen=True)
class Tool:
    name: str  # as in the table
    command: tuple  # "portroom" stands for the program under test, PIDS for one of each namespace
    rows: tuple  # that need it
    count: Callable = None  # path of the output -> {"sockets": number, ...}
    against: str = ""  # the tool it is compared with: ours
    only_held: bool = False  # lists only sockets that a process holds
    slow: bool = False  # measured once: TIME_WAIT does not live long enough for more
    exits: tuple = (0,)  # every exit status that is not a failure
    program: str = ""  # what --skip leaves out, if not the first word of the command

    @property
    def of(self):
        return self.program or self.command[0]


PIDS = "{pids}"
VERDICTS = (0, 1, 2, 3)

OWNERS = "portroom check"
NO_OWNERS = "portroom list --no-owners"
NO_BPF = "portroom check --no-bpf"
OWN = ("--netns", "own", "--json")
IN_EACH = 'for pid; do nsenter -t "$pid" -n ss -tan || exit; done'

ONE_TOOLS = (
    Tool(OWNERS, ("portroom", "check", *OWN), ("owners", "memory"), count_portroom,
         exits=VERDICTS),
    Tool(NO_OWNERS, ("portroom", "list", "--by", "state", "--no-owners", *OWN), ("no-owners",),
         count_portroom),
    Tool(NO_BPF, ("portroom", "check", "--no-bpf", *OWN), ("no-bpf",), count_portroom, OWNERS,
         exits=VERDICTS),
    Tool("ss -tan", ("ss", "-tan"), ("no-owners",), count_ss, NO_OWNERS),
    Tool("ss -tanp", ("ss", "-tanp"), ("owners", "no-bpf"), count_ss, OWNERS, slow=True),
    Tool("lsof -nPiTCP", ("lsof", "-nPiTCP"), ("owners",), count_lines(rb".* TCP "), OWNERS,
         only_held=True, slow=True),
    Tool("netstat -tanp", ("netstat", "-tanp"), ("owners",), count_lines(rb"tcp"), OWNERS,
         slow=True),
)

MANY_TOOLS = (
    Tool(OWNERS, ("portroom", "check", "--json"), ("namespaces", "memory"), count_portroom,
         exits=VERDICTS),
    Tool(NO_BPF, ("portroom", "check", "--no-bpf", "--json"), ("namespaces",), count_portroom,
         OWNERS, slow=True, exits=VERDICTS),
    Tool("ss -tan in each", ("sh", "-c", IN_EACH, "sh", PIDS), ("namespaces",), count_ss, OWNERS,
         slow=True, program="ss"),
)


@dataclass(frozen=True)
class Setup:
    key: str  # in the results
    tools: tuple
    inside: bool  # tools run in the namespace of the load


SETUPS = (Setup("one", ONE_TOOLS, True), Setup("many", MANY_TOOLS, False))

# On a quiet machine only the start to finish of these counts.
QUIET_BPF = "portroom --source bpf_tables"
QUIET_TOOLS = (
    Tool(QUIET_BPF, ("portroom", "--source", "bpf_tables"), ("quiet",), count_portroom,
         exits=VERDICTS),
    Tool("portroom", ("portroom",), ("quiet",), count_portroom, exits=VERDICTS),
    Tool("ss -tanp", ("ss", "-tanp"), ("quiet",)),
)

# Started beside what is measured: with these arguments, for a number of seconds.
SAMPLE = "portroom check --sample"
BESIDE = {
    SAMPLE: lambda seconds: ("check", "--sample", f"{seconds}s", "--json"),
    "portroom trace": lambda seconds: ("trace",),
    "portroom trace --cheap": lambda seconds: ("trace", "--cheap"),
}


# --- figures: each finds its value in the results, or tells why there is none ---


def tool_of(results, setup, name):
    if setup == "quiet":
        return results["quiet"].get(name, {"error": "left out"})
    load = results["loads"].get(setup, {"tools": {}})
    return load["tools"].get(name, {"error": "left out"})


def of_tool(setup, name, key):
    def find(results):
        result = tool_of(results, setup, name)
        return result.get(key), result.get("error")

    return find


def of_quiet(name, source):
    """What it took, if that source was chosen."""

    def find(results):
        result = tool_of(results, "quiet", name)
        if "error" not in result and result["source"] != source:
            return None, f"{result['source']} was chosen"
        return result.get("median_ms"), result.get("error")

    return find


def ratio(setup, theirs, ours):
    """How many times longer they take, if both saw what there was to see."""

    def find(results):
        found = {name: tool_of(results, setup, name) for name in (theirs, ours)}
        for name, result in found.items():
            if "error" in result:
                return None, f"{name}: {result['error']}"
            if not result["all_seen"]:
                return None, f"{name} saw {result['sockets']:,} of {result['expected']:,}"
        return found[theirs]["wall_s"] / found[ours]["wall_s"], None

    return find


def of_evidence(capture, key):
    """Only if all that was written was read."""

    def find(results):
        result = results["evidence"].get(capture, {"portroom": {"error": "left out"}})
        for part in (result["portroom"], result.get("small", {})):
            if "error" in part:
                return None, part["error"]
            if part and not part["all_seen"]:
                return None, f"{part['records']:,} of {part['expected']:,} records were read"
        return result.get(key, result["portroom"].get(key)), None

    return find


def of_ledger(key):
    return lambda results: (results["ledger"].get(key), results["ledger"].get("error"))


def of_syscalls(name, key):
    return lambda results: (results["syscalls"][name].get(key),
                            results["syscalls"][name].get("error"))


def of_windows(results):
    """Only if no row was lost on the way."""
    result = results["windows"]
    if "error" in result:
        return None, result["error"]
    if result["sockets"] != result["rows"]:
        return None, f"{result['sockets']:,} of {result['rows']:,} rows became sockets"
    return result["ms"], None


@dataclass(frozen=True)
class Figure:
    row: str
    text: str
    find: Callable  # results -> the measured value, or None, and why there is none
    limit: float
    at_least: bool  # else at most
    unit: str
    setup: str = ""  # means something only under the full load of that set-up

    def reached(self, value):
        return value >= self.limit if self.at_least else value <= self.limit


def at_most(limit, unit, row, text, find, setup=""):
    return Figure(row, text, find, limit, False, unit, setup)


def at_least(limit, row, text, find, setup, unit="x"):
    return Figure(row, text, find, limit, True, unit, setup)


def fast_and_flat(capture, text, mb_s):
    return (at_least(mb_s, "evidence", text, of_evidence(capture, "mb_s"), "evidence", "MB/s"),
            at_most(GROWTH_MIB, "MiB", "evidence", f"{text}, memory for 4 x the file",
                    of_evidence(capture, "growth_mib"), "evidence"))


FIGURES = (
    at_most(0.3, "s", "owners", "with owners", of_tool("one", OWNERS, "wall_s"), "one"),
    at_least(100, "owners", "with owners, against ss -tanp",
             ratio("one", "ss -tanp", OWNERS), "one"),
    at_least(40, "owners", "with owners, against lsof -nPiTCP",
             ratio("one", "lsof -nPiTCP", OWNERS), "one"),
    at_least(150, "owners", "with owners, against netstat -tanp",
             ratio("one", "netstat -tanp", OWNERS), "one"),
    at_most(0.2, "s", "no-owners", "without owners", of_tool("one", NO_OWNERS, "wall_s"), "one"),
    at_least(8, "no-owners", "without owners, against ss -tan",
             ratio("one", "ss -tan", NO_OWNERS), "one"),
    at_most(1.6, "s", "no-bpf", "no BPF, with owners", of_tool("one", NO_BPF, "wall_s"), "one"),
    at_least(20, "no-bpf", "no BPF, against ss -tanp", ratio("one", "ss -tanp", NO_BPF), "one"),
    at_most(0.35, "s", "namespaces", "many namespaces, with owners",
            of_tool("many", OWNERS, "wall_s"), "many"),
    at_least(40, "namespaces", "many, against sock_diag in each",
             ratio("many", NO_BPF, OWNERS), "many"),
    at_most(48, "MiB", "memory", "memory, one namespace", of_tool("one", OWNERS, "memory_mib"),
            "one"),
    at_most(48, "MiB", "memory", "memory, many namespaces", of_tool("many", OWNERS, "memory_mib"),
            "many"),
    *fast_and_flat("netstat", "netstat text", 200),
    *fast_and_flat("etl", "plain .etl", 200),
    *fast_and_flat("compressed etl", "compressed .etl", 100),
    # awk adds one field up; the whole of each row, its states and its trend cost no more than twice that
    at_least(0.5, "evidence", "netstat text, against awk", of_evidence("netstat", "ratio"), "evidence"),
    at_least(0.8, "evidence", "event log, against evtxexport", of_evidence("evtx", "ratio"),
             "evidence"),
    at_most(20, "ms", "windows", "50,000 rows of Windows' tables", of_windows),
    at_most(20, "ms", "quiet", "quiet machine, BPF", of_quiet(QUIET_BPF, "bpf_tables")),
    at_most(10, "ms", "quiet", "quiet machine, sock_diag chosen",
            of_quiet("portroom", "sock_diag")),
    at_most(0.8, "us", "ledger", "ledger, BPF time a cycle", of_ledger("bpf_us")),
    at_most(1, "x", "syscalls", "sample, syscall's cost to noise", of_syscalls(SAMPLE, "ratio")),
)
