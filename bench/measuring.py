"""Runs a tool under a load, or on a quiet machine, and says what it cost."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time

from tools import COUNT_TOLERANCE, PIDS, QUIET_TOOLS

FAST_LASTS_S = 8  # TIME_WAIT must outlive the run of a fast tool ...
SLOW_LASTS_S = 46  # ... and of a slow one: nearly all of its 60 s


class Failure(Exception):
    """Something without which nothing can be measured; its text is a sentence."""


def say(text):
    print(text, file=sys.stderr, flush=True)


class Load:
    """The running load program."""

    def __init__(self, options, namespaces):
        command = [options.load, "--established", options.established,
                   "--time-wait", options.time_wait, "--destinations", options.destinations,
                   "--namespaces", namespaces]
        if options.processes:
            command += ["--processes", options.processes]
        started = time.monotonic()
        self.process = subprocess.Popen([str(word) for word in command], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.state = self.answer()
        self.made_in_s = time.monotonic() - started
        self.pid = int(self.state["pid"])

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"the load program ended with status {self.process.wait()}.")
        word, *pairs = line.split()
        return {key: float(value) for key, value in (pair.split("=") for pair in pairs)}

    def refill(self, lasts_s):
        """Makes TIME_WAIT complete, if possible such that none ends for lasts_s."""
        self.process.stdin.write(f"refill {lasts_s}\n")
        self.process.stdin.flush()
        self.state = self.answer()

    def expected(self, only_held):
        """How many sockets the kernel says there are to see."""
        return int(self.state["sockets"] + (0 if only_held else self.state["time_wait"]))

    def pids(self):
        """A process in each namespace."""
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as children:
            found = {os.readlink(f"/proc/{pid}/ns/net"): pid for pid in children.read().split()}
        return list(found.values())

    def about(self):
        known = {key: int(self.state[key])
                 for key in ("connections", "sockets", "time_wait", "namespaces", "processes")}
        return known | {"made_in_s": self.made_in_s}

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def command_of(tool, options, load):
    """The words to run, without places."""
    words = []
    for word in tool.command:
        words += load.pids() if word == PIDS else [word]
    return [options.portroom, *words[1:]] if words[0] == "portroom" else words


def last_line(text):
    return (text.strip().splitlines() or ["said nothing"])[-1]


def measure_once(tool, command, options, output, pid=None, watch=False):
    """Runs a tool once. Returns its cost, or {"error": why}."""
    if not shutil.which(tool.of) and tool.of != "portroom":
        return {"error": "not installed"}
    where = ["-n", str(pid)] if pid else []
    done = subprocess.run([options.measure, *(["-m"] if watch else []), *where, "-o", output,
                           "-t", str(options.timeout), *command], capture_output=True, text=True)
    if done.returncode != 0:
        return {"error": done.stderr.strip() or "could not be started"}
    cost = json.loads(done.stdout)
    if cost["timed_out"]:
        return {"error": f"not done after {options.timeout} s"}
    if cost["exit"] not in tool.exits:
        return {"error": f"exit {cost['exit']}: {last_line(done.stderr)}"}
    return cost | {"said": done.stderr}


def count(tool, output, cost):
    """What a tool reported, or {"error": why}."""
    try:
        return tool.count(output)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = last_line(cost["said"]) if cost["said"] else f"{type(error).__name__}: {error}"
        return {"error": f"its output could not be counted ({why})"}


def cpu_times():
    """Clock ticks of all processors since boot: user, nice, system, idle, iowait, ..., steal."""
    with open("/proc/stat", encoding="ascii") as lines:
        return [int(word) for word in lines.readline().split()[1:9]]


def measure_beside_others(tool, command, options, output, pid):
    """Runs a tool once and adds which share of the processors was taken by anything else."""
    before = cpu_times()
    cost = measure_once(tool, command, options, output, pid)
    spent = [new - old for new, old in zip(cpu_times(), before)]
    if "error" not in cost and sum(spent) > 0:
        own = cost["cpu_s"] * os.sysconf("SC_CLK_TCK")
        cost["others"] = max(0, sum(spent) - spent[3] - spent[4] - own) / sum(spent)
    return cost


def measure_tool(tool, options, load, pid, output):
    """Measures a tool under the load: once if slow, else the median of several runs."""
    command, costs = command_of(tool, options, load), []
    for _ in range(1 if tool.slow else options.runs):
        load.refill(min(SLOW_LASTS_S if tool.slow else FAST_LASTS_S, options.timeout))
        expected = load.expected(tool.only_held)
        cost = measure_beside_others(tool, command, options, output, pid)
        if "error" in cost:
            return cost
        costs.append(cost)
    result = {
        "wall_s": statistics.median(cost["wall_s"] for cost in costs),
        "cpu_s": statistics.median(cost["cpu_s"] for cost in costs),
        "rss_mib": max(cost["rss_kib"] for cost in costs) / 1024,
        "others": statistics.median(cost.get("others", 0) for cost in costs),
        "runs": len(costs),
        "expected": expected,
    } | count(tool, output, cost)
    if "error" not in result:
        result["all_seen"] = abs(result["sockets"] - expected) <= COUNT_TOLERANCE * expected
    return result


def measure_memory(tool, options, load, pid, timed):
    """BPF maps can be looked at only while they are there, in a run of its own: looking takes time.
    The resident size of the timed runs, which the kernel keeps, is the least it can be."""
    load.refill(FAST_LASTS_S)
    cost = measure_once(tool, command_of(tool, options, load), options, os.devnull, pid, True)
    if "error" in cost:
        return cost
    return {"memory_mib": max(cost["rss_kib"] / 1024, cost["memory_kib"] / 1024,
                              timed["rss_mib"])}


def wait_until_quiet(limit_s):
    """The kernel takes a while to clear a namespace away after its last process."""
    until = time.monotonic() + limit_s
    idle = 0.0
    while idle < 0.9:
        before = cpu_times()
        time.sleep(1)
        spent = [new - old for new, old in zip(cpu_times(), before)]
        idle = spent[3] / max(sum(spent), 1)
        if time.monotonic() > until:
            break
    return idle


def first_quiet_run(tool, options, output):
    """One that does not count; portroom says in it which source it chose."""
    command = command_of(tool, options, None)
    if tool.count:
        command.append("--json")
    cost = measure_once(tool, command, options, output)
    if "error" in cost or not tool.count:
        return cost
    return count(tool, output, cost)


def measure_quiet(options, output):
    """Tools take turns, so that a noisy second meets all of them; a first round does not count."""
    tools = [tool for tool in QUIET_TOOLS if tool.of not in options.skip]
    results = {tool.name: first_quiet_run(tool, options, output) for tool in tools}
    walls = {name: [] for name in results}
    for _ in range(options.quiet_runs):
        for tool in tools:
            if "error" in results[tool.name]:
                continue
            cost = measure_once(tool, command_of(tool, options, None), options, os.devnull)
            if "error" in cost:
                results[tool.name] = cost
            else:
                walls[tool.name].append(cost["wall_s"] * 1000)
    for name, result in results.items():
        if "error" not in result:
            results[name] = {"source": result.get("source"), "runs": len(walls[name]),
                             "median_ms": statistics.median(walls[name]),
                             "max_ms": max(walls[name])}
    return results
