#!/usr/bin/env python3
"""A folder with one of everything that somebody may send of a Windows machine that has run out of TCP ports. The
machine never was; its numbers are known.

    bundle.py FOLDER       writes the files, and prints what is true of the machine

Of its dynamic range 49152 to 65535 some ports are excluded; of the others each is held: by billing.exe, which keeps
connections and leaks bound ports, by w3wp.exe, and by connections in TIME_WAIT.
"""

import io
import json
import os
import sys
import zipfile

import dump
import etl
import evtx

HOST = "WEB01"
FIRST, PORTS = 49152, 16384
EXCLUDED = ((50000, 50059, True), (51000, 51199, False))  # first, last, by an administrator
CULPRIT, SERVER = (4321, "billing.exe"), (2208, "w3wp.exe")
PROGRAMS = {4: "System", 700: "lsass.exe", 1016: "svchost.exe", **dict((CULPRIT, SERVER))}
HERE, DATABASE, CLIENTS = "192.0.2.10", "198.51.100.7", "203.0.113.9"
CONNECTED, SERVED, WAITING = 12_000, 400, 224  # the rest of the range is bound by the culprit, and no more
FAILED_CALLS, EVENTS = 25, 3
STAMP = "Tue 11/14/2023 22:15:20.12"
TIME_MS = etl.BEGIN_MS + 120_000  # when netstat ran; the trace begins two minutes earlier


def free_ports():
    taken = {port for first, last, _ in EXCLUDED for port in range(first, last + 1)}
    return [port for port in range(FIRST, FIRST + PORTS) if port not in taken]


class Machine:
    """Rows (local, port, remote, port, state, pid), as netstat -anoq and Get-NetTCPConnection have them."""

    def __init__(self):
        ports = iter(free_ports())
        self.usable = len(free_ports())
        self.rows = [("0.0.0.0", port, "0.0.0.0", 0, "Listen", pid)
                     for port, pid in ((80, 4), (135, 1016), (445, 4))]
        for _ in range(CONNECTED):
            self.connect(next(ports), DATABASE, 5432, CULPRIT[0])
        for _ in range(SERVED):
            self.connect(next(ports), CLIENTS, 8443, SERVER[0])
        self.rows += [(HERE, next(ports), DATABASE, 5432, "TimeWait", 0) for _ in range(WAITING)]
        leaked = list(ports)
        self.rows += [("0.0.0.0", port, "0.0.0.0", 0, "Bound", CULPRIT[0]) for port in leaked]
        self.leaked = len(leaked)

    def connect(self, port, remote, remote_port, pid):
        """One connection is two rows: its port is bound, too."""
        self.rows.append(("0.0.0.0", port, "0.0.0.0", 0, "Bound", pid))
        self.rows.append((HERE, port, remote, remote_port, "Established", pid))

    def facts(self):
        return {"host": HOST, "usable": self.usable, "culprit": CULPRIT[0], "name": CULPRIT[1],
                "culprit_ports": CONNECTED + self.leaked, "connected": CONNECTED,
                "leaked": self.leaked, "time_wait": WAITING, "failed_calls": FAILED_CALLS,
                "events": EVENTS, "range": [FIRST, FIRST + PORTS - 1]}


# ---- text ----

NETSTAT_WORDS = {"Listen": "LISTENING", "TimeWait": "TIME_WAIT", "Bound": "BOUND",
                 "Established": "ESTABLISHED"}


def crlf(lines):
    return "\r\n".join([*lines, ""]).encode("ascii")


def netstat(machine):
    lines = [STAMP, "", "Active Connections", "",
             "  Proto  Local Address          Foreign Address        State           PID"]
    for local, port, remote, remote_port, state, pid in machine.rows:
        lines.append(f"  TCP    {f'{local}:{port}':<22} {f'{remote}:{remote_port}':<22} "
                     f"{NETSTAT_WORDS[state]:<15} {pid}")
    lines.append(f"  UDP    {'0.0.0.0:123':<22} {'*:*':<38} 1016")
    return crlf(lines)


def dynamic_ports(family, protocol, first=FIRST, ports=PORTS):
    return crlf(["", f"C:\\> netsh int {family} show dynamicport {protocol}", "",
                 f"Protocol {protocol} Dynamic Port Range", "-" * 33,
                 f"Start Port      : {first}", f"Number of Ports : {ports}"])


def excluded_ports():
    return crlf(["", "C:\\> netsh int ipv4 show excludedportrange protocol=tcp", "",
                 "Protocol tcp Port Exclusion Ranges", "", "Start Port    End Port      ",
                 "----------    --------      ",
                 *(f"{first:>10}    {last:>8}    {' *' if star else ''}"
                   for first, last, star in EXCLUDED), "", "* - Administered port exclusions."])


def connections_csv(machine):
    columns = ("LocalAddress", "LocalPort", "RemoteAddress", "RemotePort", "State", "OwningProcess")
    return crlf([",".join(f'"{column}"' for column in columns),
                 *(",".join(f'"{value}"' for value in row) for row in machine.rows)])


def tasklist():
    heading = ("Image Name", "PID", "Session Name", "Session#", "Mem Usage")
    widths = (25, 8, 16, 11, 12)
    lines = ["", "{:<25} {:>8} {:<16} {:>11} {:>12}".format(*heading),
             " ".join("=" * width for width in widths),
             "{:<25} {:>8} {:<16} {:>11} {:>12}".format("System Idle Process", 0, "Services", 0, "8 K")]
    lines += ["{:<25} {:>8} {:<16} {:>11} {:>12}".format(name, pid, "Services", 0, "12,345 K")
              for pid, name in sorted(PROGRAMS.items())]
    return crlf(lines)


# ---- what is binary ----

def trace():
    scenario = etl.Scenario()
    process = 0xFFFFFA8001234060
    for number in range(FAILED_CALLS):
        scenario.afd(number % 4, 10 * number, 1030, scenario.make.bind(
            etl.EXIT, process, 0xE000 + number, etl.TOO_MANY, (HERE, 0)), pid=CULPRIT[0], thread=7)
    for number in range(FAILED_CALLS):  # and of others the calls are well
        scenario.afd(number % 4, 10 * number + 5, 1030, scenario.make.bind(
            etl.EXIT, process + 0x1000, 0xF000 + number, etl.SUCCESS, ("0.0.0.0", 0)), pid=700)
    return scenario.data()


def event_log():
    """The beginning of the day, and that the pool was empty three times."""
    log = evtx.Log("System", HOST)
    log.add("EventLog", 6005, TIME_MS - 3_600_000)
    for number in range(EVENTS):
        log.add("Tcpip", 4231, TIME_MS - 60_000 * (EVENTS - number), level=3, qualifiers=0x8000)
    log.add("NETLOGON", 5719, TIME_MS - 30_000, level=2, strings=("EXAMPLE",))
    return log.bytes()


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def understood(machine):
    """What a reader takes something from, by the name that it has then."""
    leak = [("File", "\\Device\\Afd\\Endpoint")] * (CONNECTED + machine.leaked)
    return {
        "netstat.txt": netstat(machine),
        "dynamicport-ipv4-tcp.txt": dynamic_ports("ipv4", "tcp"),
        "dynamicport-ipv4-udp.txt": dynamic_ports("ipv4", "udp"),
        "dynamicport-ipv6-tcp.txt": dynamic_ports("ipv6", "tcp"),
        "excludedportrange.txt": excluded_ports(),
        "connections.csv": connections_csv(machine),
        "tasklist.txt": tasklist(),
        "System.evtx": event_log(),
        "trace.etl": trace(),
        "billing.dmp": dump.minidump(*CULPRIT, leak),
        "handles.txt": dump.memprocfs_handles(15).encode("ascii"),
        "more.zip": zipped({"dynamicport-ipv6-udp.txt": dynamic_ports("ipv6", "udp"),
                            "folder/tasklist.txt": tasklist()}),
    }


def not_understood():
    """By name, and a word of the reason. The last is cut within its first buffer's head."""
    return {
        "empty.log": (b"", "empty"),
        "notes.txt": (b"It hangs again since lunch.\r\nPlease call back.\r\n", "none of its 2 lines"),
        "picture.png": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "no known kind"),
        "cut.etl": (trace()[:40], "no known kind"),
    }


def partly_understood():
    """A trace in which nothing failed ends within a buffer, a listing within a row."""
    return {"half.etl": etl.healthy().data()[:8192 + 2000],
            "half.txt": netstat(Machine())[:60_000]}


def files():
    machine = Machine()
    made = understood(machine)
    made |= partly_understood()
    made |= {name: content for name, (content, _) in not_understood().items()}
    return made, machine.facts()


def write(folder):
    """The facts."""
    made, facts = files()
    os.makedirs(folder, exist_ok=True)
    for name, content in made.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
    return facts


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(json.dumps(write(sys.argv[1]), indent=1))
