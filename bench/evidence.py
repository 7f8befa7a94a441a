"""How fast files of another machine are read: `portroom read` beside an awk that groups by process,
and beside evtxexport.

Each file is written when it is its turn, all of one size, and one of a quarter of it: memory must not grow with the
file. A file is read once before it counts, so that it is in the page cache for everybody.
"""

import json
import os
import shutil
import statistics
import subprocess
from dataclasses import dataclass
from typing import Callable

from captures import MIB, write_compressed_etl, write_etl, write_evtx, write_netstat
from measuring import last_line

VERDICTS = (0, 1, 2, 3)
SMALL = 4  # the small file is a so many-th

GROUP_BY_PID = '$1 == "TCP" || $1 == "UDP" { n[$NF]++ } END { for (pid in n) print n[pid], pid }'


@dataclass(frozen=True)
class Capture:
    """A kind of file, and what else can read it."""
    key: str
    name: str  # of the file
    write: Callable  # path, size -> how many records it has
    against: tuple = ()  # a command that is given the file
    part: int = 1  # only a so many-th of the size, and few runs: it takes long


CAPTURES = (
    Capture("netstat", "netstat.txt", write_netstat, ("awk", GROUP_BY_PID)),
    Capture("etl", "trace.etl", write_etl),
    Capture("compressed etl", "compressed.etl", write_compressed_etl),
    Capture("evtx", "System.evtx", write_evtx, ("evtxexport",), part=20),
)


def run_once(options, command, output, exits):
    """What it cost, or {"error": why}."""
    done = subprocess.run([options.measure, "-o", output, "-t", str(options.timeout), *command],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"error": last_line(done.stderr)}
    cost = json.loads(done.stdout)
    if cost["timed_out"]:
        return {"error": f"not done after {options.timeout} s"}
    if cost["exit"] not in exits:
        return {"error": f"exit {cost['exit']}: {last_line(done.stderr)}"}
    return cost


def run_all(options, capture, command, path, output, exits):
    """The median of several runs behind one that does not count."""
    costs = []
    for _ in range((options.runs if capture.part == 1 else 1) + 1):
        cost = run_once(options, command, output, exits)
        if "error" in cost:
            return cost
        costs.append(cost)
    wall_s = statistics.median(cost["wall_s"] for cost in costs[1:])
    cpu_s = statistics.median(cost["cpu_s"] for cost in costs[1:])
    return {"wall_s": wall_s, "cpu_s": cpu_s, "mb_s": os.path.getsize(path) / wall_s / 1e6,
            "rss_mib": max(cost["rss_kib"] for cost in costs) / 1024, "runs": len(costs) - 1}


def records_read(output):
    with open(output, encoding="utf-8") as text:
        return sum(row["records"] for row in json.load(text)["evidence"]["artefacts"])


def read_by_portroom(options, capture, path, output, expected):
    result = run_all(options, capture, [options.portroom, "read", "--json", path], path, output, VERDICTS)
    if "error" in result:
        return result
    try:
        result["records"] = records_read(output)
    except (ValueError, KeyError) as error:
        return {"error": f"its output could not be counted ({type(error).__name__}: {error})"}
    return result | {"expected": expected, "all_seen": result["records"] == expected}


def measure_capture(capture, options, folder):
    """Both sizes read, and the large one by whoever else can; nothing stays behind."""
    path, small = (os.path.join(folder, prefix + capture.name) for prefix in ("", "small-"))
    output = os.path.join(folder, "output")
    size = round(options.evidence_mib * MIB / capture.part)
    rows = capture.write(path, size)
    result = {"bytes": os.path.getsize(path),
              "portroom": read_by_portroom(options, capture, path, output, rows)}
    if capture.against and capture.against[0] in options.skip:
        result["against"] = {"name": capture.against[0], "error": "left out"}
    elif capture.against and not shutil.which(capture.against[0]):
        result["against"] = {"name": capture.against[0], "error": "not installed"}
    elif capture.against:
        result["against"] = {"name": capture.against[0]} | run_all(
            options, capture, [*capture.against, path], path, output, (0,))
    os.unlink(path)
    rows = capture.write(small, size // SMALL)
    result["small"] = read_by_portroom(options, capture, small, output, rows)
    os.unlink(small)
    add_ratios(result)
    return result


def add_ratios(result):
    """Only where everything was read."""
    ours, small, theirs = (result.get(key, {}) for key in ("portroom", "small", "against"))
    if ours.get("all_seen") and "wall_s" in theirs:
        result["ratio"] = theirs["wall_s"] / ours["wall_s"]
    if ours.get("all_seen") and small.get("all_seen"):
        result["growth_mib"] = ours["rss_mib"] - small["rss_mib"]


def measure_evidence(options, folder, say):
    results = {}
    for capture in CAPTURES:
        say(f"{capture.name}, {options.evidence_mib / capture.part:g} MiB ...")
        results[capture.key] = measure_capture(capture, options, folder)
    return results
