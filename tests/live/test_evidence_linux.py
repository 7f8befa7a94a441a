#!/usr/bin/env python3
"""What ss, netstat, lsof, sysctl and /proc say of a namespace, read back: the same as portroom sees there.

    test_evidence_linux.py PORTROOM [--schema-dir DIR]
"""

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from live import Tap, guard, need_root, run
from test_check import Schemas, take_option

PYTHON = "/usr/bin/python3"
LISTENERS = (9000, 9001)

# Sockets in every way that holds a port and lasts; then each command of standard input is run, and what it
# says goes to the file that is named before it.
MAKER = r"""
import socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
for name, value in (("ip_local_port_range", "40000 40999"), ("ip_local_reserved_ports", "40100-40109")):
    with open("/proc/sys/net/ipv4/" + name, "w") as file:
        file.write(value)
held = []
def keep(each):
    held.append(each)
    return each
four = keep(socket.create_server(("127.0.0.1", 9000), backlog=200))
six = keep(socket.create_server(("::", 9001), family=socket.AF_INET6, dualstack_ipv6=True))
def connect(server, address):
    client = socket.create_connection(address)
    return client, server.accept()[0]
for _ in range(30):
    held += connect(four, ("127.0.0.1", 9000))
for _ in range(20):
    client, server = connect(four, ("127.0.0.1", 9000))
    client.close()
    server.close()
held += connect(six, ("::1", 9001)) + connect(six, ("127.0.0.1", 9001))
client, server = connect(four, ("127.0.0.1", 9000))
server.close()
keep(client)
for _ in range(5):
    keep(socket.socket()).bind(("127.0.0.1", 0))
for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1")):
    keep(socket.socket(family, socket.SOCK_DGRAM)).bind((address, 0))
keep(socket.socket(type=socket.SOCK_DGRAM)).connect(("127.0.0.1", 53))
for line in sys.stdin:
    path, command = line.rstrip("\n").split("\t", 1)
    with open(path, "w") as file:
        subprocess.run(command, shell=True, stdout=file, stderr=subprocess.DEVNULL)
"""

# What a program does not show: B bound-only sockets, O what has no process, P pids.
COMMANDS = {
    "ss -tuanpeoim": "B",
    "ss -tuanp": "B",
    "ss -Htuanpo": "B",
    "ss -anp": "B",
    "netstat -tuanpeoW": "B",
    "netstat -tuanp": "B",
    "netstat -an": "BP",
    "cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6": "BP",
    "lsof -nP -i": "BO",
    "lsof -nP": "BO",
    "lsof -nP -i -F pcuftPTnd": "BO",
}
OTHERS = ("sysctl -a", "ss -s", "ip addr", "ss -tan", "ss -uan", "cat /proc/net/tcp",
          "cat /proc/net/tcp6", "cat /proc/net/udp", "cat /proc/net/udp6",
          "cat /proc/net/sockstat")
COPIED = ("net/tcp net/tcp6 net/udp net/udp6 net/sockstat sys/net/ipv4/ip_local_port_range "
          "sys/net/ipv4/ip_local_reserved_ports sys/net/ipv4/tcp_tw_reuse "
          "sys/net/ipv4/tcp_timestamps")


class Evidence:
    """Files that the commands made in one namespace, and what portroom said there."""

    def __init__(self, portroom, folder):
        self.portroom, self.folder = portroom, folder
        live = {"list": "list --json --netns own", "room": "room 127.0.0.1:9000 --json --netns own"}
        lines = ["%s\t%s %s" % (self.path(name), portroom, words) for name, words in live.items()]
        lines += ["%s\t%s" % (self.path(command), command)
                  for command in list(COMMANDS) + list(OTHERS) if self.has(command)]
        lines.append("/dev/null\tmkdir %s && cd /proc && cp --parents %s %s" %
                     (self.path("proc"), COPIED, self.path("proc")))
        # At the beginning and at the end: nothing may have changed meanwhile.
        lines.append("%s\t%s list --json --netns own" % (self.path("after"), portroom))
        subprocess.run(["unshare", "-n", PYTHON, "-c", MAKER], input="\n".join(lines) + "\n",
                       universal_newlines=True, check=True, timeout=120)

    @staticmethod
    def has(command):
        return shutil.which(command.split()[0]) is not None

    def path(self, name):
        return os.path.join(self.folder, re.sub("[^a-z0-9-]+", "_", name))

    def rows(self, name, without=""):
        with open(self.path(name), encoding="utf-8") as file:
            return counted(json.load(file), without)

    def ask(self, words, *names):
        files = [word for name in names for word in ("--on", self.path(name))]
        return run([self.portroom] + words + files)


def is_inbound(row):
    return row["local_port"] in LISTENERS and row["state"] != "listen"


def is_shown(row, without):
    if row["state"] == "bound" and "B" in without:
        return False
    return not ("O" in without and row["owner"] == "nobody")


def counted(document, without=""):
    """Rows as a listing can have them; an accepted connection has no peer that a snapshot would keep."""
    return collections.Counter(
        (row["protocol"], row["state"], row["local"], row["local_port"],
         None if is_inbound(row) else (row["remote"], row["remote_port"]),
         None if "P" in without else row["pid"])
        for row in document["rows"] if is_shown(row, without))


def differences(left, right):
    return ["only here: %s" % (each,) for each in (left - right)] + \
           ["only there: %s" % (each,) for each in (right - left)]


def read_back(tap, evidence, schemas, command, without):
    if not evidence.has(command):
        tap.skip("%s says what portroom says" % command, "it is not installed")
        return
    answer = evidence.ask(["list", "--json"], command)
    document = answer.json()
    schemas.try_document(tap, document, command)
    live, read = evidence.rows("list", without), counted(document, without)
    tap.ok(read == live and sum(read.values()) > 60, "%s says what portroom says: %d sockets" %
           (command, sum(live.values())), *differences(live, read)[:6])


def rooms(tap, evidence):
    """The room that is read holds the true one between its ends, and is as tight as it can be."""
    with open(evidence.path("room"), encoding="utf-8") as file:
        live = json.load(file)
    answer = evidence.ask(["room", "127.0.0.1:9000", "--json"], "ss -tan", "ss -uan", "ss -s",
                          "sysctl -a")
    read = answer.json()
    tap.ok(read["room_min"] <= live["room_min"] and live["room_max"] <= read["room_max"] and
           read["room_min"] > 800,
           "ss -s bounds the room: %d is within %d to %d" %
           (live["room_min"], read["room_min"], read["room_max"]), answer)
    answer = evidence.ask(["room", "127.0.0.1:9000"], "ss -tan")
    tap.ok("assumed" in answer.out and answer.status == 0,
           "without sysctl the range is assumed, and that is told", answer)


def folders(tap, evidence):
    folder = evidence.path("proc")
    copied = run([evidence.portroom, "list", "--root", folder])
    read = run([evidence.portroom, "list", "--on", folder])
    tap.ok(copied.status == read.status == 0 and
           read.out.startswith(copied.out.rstrip("\n")) and "9000" in copied.out,
           "a copied /proc given alone is read as with --root", copied, read)
    bundle = os.path.join(evidence.folder, "bundle")
    os.makedirs(os.path.join(bundle, "commands"))
    shutil.copytree(folder, os.path.join(bundle, "proc"))
    shutil.copy(evidence.path("ss -tuanp"), os.path.join(bundle, "commands"))
    answer = run([evidence.portroom, "check", "--json", "--on", bundle])
    document = answer.json()
    kept = [gap["what"] for gap in document["gaps"]]
    tap.ok(document["verdict"] == "ok" and "the ephemeral port range" not in kept,
           "in a bundle settings are taken from proc/sys, and sockets from ss", answer)


def pairs(tap, evidence, schemas):
    names = ["cat /proc/net/" + name for name in ("tcp", "tcp6", "udp", "udp6")]
    document = evidence.ask(["list", "--json"], *names).json()
    schemas.try_document(tap, document, "files of /proc/net")
    live, read = evidence.rows("list", "BP"), counted(document, "BP")
    tap.ok(read == live, "tcp, tcp6, udp and udp6 in files of their own are one listing",
           *differences(live, read)[:6])
    document = evidence.ask(["list", "--json"], "ss -tuanp", "netstat -an", "ss -tan",
                            *names).json()
    read = counted(document, "B")
    tap.ok(read == evidence.rows("list", "B"), "of several listings each socket counts once",
           *differences(evidence.rows("list", "B"), read)[:6])


def main():
    words = sys.argv[1:]
    schemas = Schemas(take_option(words, "--schema-dir"))
    tap = Tap()
    need_root(tap)
    folder = tempfile.mkdtemp(prefix="portroom-evidence-")
    try:
        evidence = Evidence(words[0], folder)
        tap.ok(evidence.rows("list") == evidence.rows("after"), "the sockets stay as they are",
               *differences(evidence.rows("list"), evidence.rows("after"))[:6])
        for command, without in COMMANDS.items():
            guard(tap, command, read_back, tap, evidence, schemas, command, without)
        guard(tap, "pairs", pairs, tap, evidence, schemas)
        guard(tap, "rooms", rooms, tap, evidence)
        guard(tap, "folders", folders, tap, evidence)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
