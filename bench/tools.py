"""What is measured: the tools, how each is counted, and the figures to reach.

A tool's time is compared with that of the portroom command that answers the same question. It is
compared only when both saw the same sockets; lsof lists what some process holds and so no TIME_WAIT.
"""

import json
import re
from dataclasses import dataclass
from typing import Callable

# Counts further apart than this are counts of different things.
COUNT_TOLERANCE = 0.05


def count_lines(pattern):
    """Counts the lines of an output that match."""
    wanted = re.compile(pattern)

    def count(path):
        with open(path, "rb") as lines:
            return sum(1 for line in lines if wanted.match(line))

    return count


def count_portroom(path):
    """The sockets of the source that saw most (owners' sources see a part of the same ones)."""
    with open(path, encoding="utf-8") as text:
        document = json.load(text)
    seen = [source.get("sockets") or 0 for source in document["sources"] if source.get("used")]
    return max(seen, default=0)


@dataclass(frozen=True)
class Tool:
    name: str  # as in the table
    command: tuple  # "portroom" stands for the program under test
    count: Callable
    against: str = ""  # the tool it is compared with: ours
    only_held: bool = False  # lists only sockets that a process holds
    slow: bool = False  # measured once: TIME_WAIT does not live long enough for more
    exits: tuple = (0,)  # every exit status that is not a failure


WITH_OWNERS = "portroom check"
WITHOUT_OWNERS = "portroom list --no-owners"

TOOLS = (
    Tool(WITH_OWNERS, ("portroom", "check", "--netns", "own", "--json"), count_portroom,
         exits=(0, 1, 2, 3)),
    Tool(WITHOUT_OWNERS,
         ("portroom", "list", "--by", "state", "--no-owners", "--netns", "own", "--json"),
         count_portroom),
    Tool("ss -tan", ("ss", "-tan"), count_lines(rb"[A-Z]+(-[A-Z0-9]+)* +\d"), WITHOUT_OWNERS),
    Tool("ss -tanp", ("ss", "-tanp"), count_lines(rb"[A-Z]+(-[A-Z0-9]+)* +\d"), WITH_OWNERS,
         slow=True),
    Tool("lsof -nPiTCP", ("lsof", "-nPiTCP"), count_lines(rb".* TCP "), WITH_OWNERS,
         only_held=True, slow=True),
    Tool("netstat -tanp", ("netstat", "-tanp"), count_lines(rb"tcp"), WITH_OWNERS, slow=True),
)

# On a quiet machine only the start to finish of these counts.
QUIET_TOOLS = (
    Tool("portroom", ("portroom",), None, exits=(0, 1, 2, 3)),
    Tool("ss -tanp", ("ss", "-tanp"), None),
)


@dataclass(frozen=True)
class Figure:
    text: str
    value: Callable  # results -> the measured value, or None
    limit: float
    at_least: bool  # else at most
    unit: str
    full_size: bool  # means something only under the full load

    def reached(self, value):
        return value >= self.limit if self.at_least else value <= self.limit


def of_tool(name, key):
    return lambda results: results["tools"].get(name, {}).get(key)


def of_quiet(name, key):
    return lambda results: results["quiet"].get(name, {}).get(key)


FIGURES = (
    Figure("with owners", of_tool(WITH_OWNERS, "wall_s"), 1.6, False, "s", True),
    Figure("with owners, against ss -tanp", of_tool("ss -tanp", "ratio"), 20, True, "x", True),
    Figure("with owners, resident", of_tool(WITH_OWNERS, "rss_mib"), 160, False, "MiB", True),
    Figure("quiet machine, median", of_quiet("portroom", "median_ms"), 10, False, "ms", False),
)
