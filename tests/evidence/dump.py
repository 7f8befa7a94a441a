#!/usr/bin/env python3
"""Writes synthetic memory dumps of Windows, and what tools print of a complete one. Nothing of it is of a real machine.

usage: dump.py FOLDER [HANDLES]

HANDLES: so many sockets the leaking process has (default 15)."""

import os
import struct
import sys

BUILD = 20348
FILETIME_2025_01_22_130509 = 133820247090000000
UNIX_2025_01_22_130509 = 1737551109

# pid, name, handles by type; File has the names of the objects
LEAK = (4321, "billing.exe")


def processes(sockets):
    return [
        (4, "System", [("Key", "MACHINE")] * 3 + [("Process", "smss.exe Pid 300")] +
         [("File", "\\Device\\Afd\\Endpoint")] * 2),
        (700, "lsass.exe", [("Event", "")] * 4 + [("ALPC Port", "LsaPort")] * 2 +
         [("File", "\\Device\\NamedPipe\\lsass")]),
        (LEAK[0], LEAK[1], [("File", "\\Device\\Afd\\Endpoint")] * sockets +
         [("File", "\\Device\\Afd\\Mio"), ("File", "\\Device\\HarddiskVolume2\\Temp\\a.log")] +
         [("Event", "")] * 4 + [("Key", "MACHINE\\SOFTWARE"), ("ALPC Port", "")]),
    ]


def sockets_of_machine(leaked):
    """protocol, local, port, remote, port, state, pid, owner"""
    rows = [
        ("TCPv4", "0.0.0.0", 135, "0.0.0.0", 0, "LISTENING", 1016, "svchost.exe"),
        ("TCPv6", "::", 135, "::", 0, "LISTENING", 1016, "svchost.exe"),
        ("UDPv4", "0.0.0.0", 123, "*", 0, "", 1016, "svchost.exe"),
        ("UDPv6", "fe80::1c2:33ff:fe44:5566", 5353, "*", 0, "", 1016, "svchost.exe"),
        ("TCPv4", "10.0.0.5", 49700, "10.0.9.1", 5432, "TIME_WAIT", None, None),
        ("TCPv4", "10.0.0.5", 49701, "10.0.9.1", 5432, "CLOSED", None, None),
    ]
    for i in range(leaked):
        rows.append(("TCPv4", "10.0.0.5", 50000 + i, "10.0.9.1", 5432,
                     "CLOSE_WAIT" if i % 3 else "ESTABLISHED", LEAK[0], LEAK[1]))
    return rows


# ---- minidumps ----

class Minidump:
    """A header, streams and, behind them, text."""

    def __init__(self):
        self.streams = []
        self.texts = {}

    def add(self, kind, make):
        """make(at) gives the bytes; `text(name)` is known by then."""
        self.streams.append((kind, make))

    def write(self, stamp=UNIX_2025_01_22_130509, flags=0x4):
        count = len(self.streams)
        names_at = 32 + 12 * count
        pool = b""
        places = {}
        for name in self.texts:
            places[name] = names_at + len(pool)
            encoded = name.encode("utf-16-le")
            pool += struct.pack("<I", len(encoded)) + encoded + b"\0\0"
            pool += b"\0" * (-len(pool) % 8)
        body = pool
        directory = b""
        for kind, make in self.streams:
            made = make(places)
            directory += struct.pack("<III", kind, len(made), names_at + len(body))
            body += made + b"\0" * (-len(made) % 8)
        header = struct.pack("<4sIIIIIQ", b"MDMP", 42899, count, 32, 0, stamp, flags)
        return header + directory + body

    def text(self, name):
        self.texts[name] = True
        return name


def minidump(pid, name, handles, descriptor=40, named=True, with_pid=True, with_handles=True,
             platform=2, pad_modules=False):
    dump = Minidump()
    path = dump.text("C:\\Program Files\\Billing\\" + name)
    for kind, thing in handles:
        dump.text(kind)
        if thing:
            dump.text(thing)
    dump.add(7, lambda places: struct.pack("<HHHBBIIIIIHH24s", 9, 6, 0, 8, 3, 10, 0, BUILD, platform,
                                           0, 272, 0, b""))
    dump.add(15, lambda places: struct.pack("<IIIIII", 24, 3 if with_pid else 2, pid,
                                            UNIX_2025_01_22_130509 - 86400, 60, 30))
    dump.add(4, lambda places: struct.pack("<I", 1) + b"\0\0\0\0" * pad_modules +
             struct.pack("<QIIII", 0x7FF600000000, 0x40000, 0, 0, places[path]) + b"\0" * 84)

    def list_handles(places):
        out = struct.pack("<IIII", 16, descriptor, len(handles), 0)
        for i, (kind, thing) in enumerate(handles):
            at = places[thing] if thing and (named or kind != "File") else 0
            out += struct.pack("<QIIIIII", 4 * i + 4, places[kind], at, 0, 0x1F0003, 1, 1)
            out += b"\0" * (descriptor - 32)
        return out
    if with_handles:
        dump.add(12, list_handles)
    dump.add(9, lambda places: struct.pack("<QQ", 2 ** 60, 2 ** 63) + b"\0" * 16)  # Memory64List, hostile
    return dump.write()


# ---- dumps of a machine ----

def dump64(kind, bug_check=0xE2, build=BUILD, processors=8, size=0x2000):
    header = bytearray(b"PAGE" * (0x2000 // 4))
    header[0:8] = b"PAGEDU64"
    struct.pack_into("<II", header, 8, 15, build)
    struct.pack_into("<III", header, 0x30, 0x8664, processors, bug_check)
    struct.pack_into("<I", header, 0xF98, kind)
    struct.pack_into("<Q", header, 0xFA8, FILETIME_2025_01_22_130509)
    return bytes(header[:size])


def dump32(kind, bug_check=0xE2, build=2600, processors=2):
    header = bytearray(b"PAGE" * (0x1000 // 4))
    header[0:8] = b"PAGEDUMP"
    struct.pack_into("<II", header, 8, 15, build)
    struct.pack_into("<III", header, 0x20, 0x14C, processors, bug_check)
    struct.pack_into("<I", header, 0xF88, kind)
    struct.pack_into("<Q", header, 0xFC0, FILETIME_2025_01_22_130509)
    return bytes(header)


# ---- volatility 3 ----

SCAN = ["Offset", "Proto", "LocalAddr", "LocalPort", "ForeignAddr", "ForeignPort", "State", "PID",
        "Owner", "Created"]
HANDLES = ["PID", "Process", "Offset", "HandleValue", "Type", "GrantedAccess", "Name"]
BANNER = "Volatility 3 Framework 2.7.0\nProgress:  100.00\t\tPDB scanning finished\n"


def scan_rows(leaked):
    for i, row in enumerate(sockets_of_machine(leaked)):
        yield [hex(0xAD818DE4A000 + 0x140 * i)] + ["-" if cell is None else str(cell) for cell in row] + [
            "2025-01-22 13:05:09.000000 UTC" if row[6] else "-"]


def handle_rows(sockets):
    for pid, name, handles in processes(sockets):
        for i, (kind, thing) in enumerate(handles):
            yield [str(pid), name, hex(0x9E8B8B800000 + 0x80 * i), hex(4 * i + 4), kind, "0x1f0003", thing]


def quick(heading, rows):
    return BANNER + "\n" + "\t".join(heading) + "\n\n" + "".join("\t".join(row) + "\n" for row in rows)


def csv(heading, rows):
    def cell(text):
        text = text.replace("\\", "\\\\")
        return '"%s"' % text if "," in text or '"' in text else text
    return "TreeDepth," + ",".join(heading) + "\n" + "".join(
        "0," + ",".join(map(cell, row)) + "\n" for row in rows)


def pretty(heading, rows):
    rows = list(rows)
    widths = [max(len(line[i]) for line in [heading] + rows) for i in range(len(heading))]

    def line(cells, depth):
        return " | ".join([depth] + ["%*s" % (width, cell) for width, cell in zip(widths, cells)]) + "\n"
    return "Formatting...\n" + line(heading, " ") + "".join(line(row, "*") for row in rows)


# ---- volatility 2 ----

def scan2(leaked):
    out = "%-18s %-8s %-30s %-20s %-16s %-8s %-14s %s\n" % (
        "Offset(P)", "Proto", "Local Address", "Foreign Address", "State", "Pid", "Owner", "Created")
    for i, (protocol, local, port, remote, rport, state, pid, owner) in enumerate(sockets_of_machine(leaked)):
        out += "%-18s %-8s %-30s %-20s %-16s %-8s %-14s %s\n" % (
            hex(0x3DA57000 + 0x40 * i), protocol, "%s:%d" % (local, port),
            "%s:%s" % (remote, "*" if remote == "*" else rport), state, -1 if pid is None else pid,
            owner or "", "2025-01-22 13:05:09 UTC+0000" if owner else "")
    return out


def handles2(sockets):
    out = "%-18s %6s %18s %18s %-16s %s\n" % ("Offset(V)", "Pid", "Handle", "Access", "Type", "Details")
    out += "%s %s %s %s %s %s\n" % ("-" * 18, "-" * 6, "-" * 18, "-" * 18, "-" * 16, "-" * 7)
    for pid, _, handles in processes(sockets):
        for i, (kind, thing) in enumerate(handles):
            out += "%-18s %6d %18s %18s %-16s %s\n" % (
                hex(0xFFFFFA8000C9E000 + 0x40 * i), pid, hex(4 * i + 4), "0x1f0003", kind, thing)
    return out


# ---- MemProcFS ----

def fixed(heading, lines, width):
    return "".join("%-*s\n" % (width, line) for line in [heading, "-" * width] + lines)


def ends(row):
    def end(address, port):
        return ("[%s]:%d" if ":" in address else "%s:%d") % (address, port)
    return end(row[1], row[2]), "***" if row[3] == "*" else end(row[3], row[4])


def net(leaked, verbose=False):
    heading = "   #    PID Proto  State        Src                           Dst                          Process"
    if verbose:
        heading += "              Time                     Object Address    Process Path"
    lines = []
    for i, row in enumerate(sockets_of_machine(leaked)):
        local, remote = ends(row)
        text = "%s  %-11s  %-28s  %-28s" % (row[0], row[5] or "***", local, remote)
        if verbose:
            lines.append("%04x%7d %s %-20s %s  %016x  %s" % (
                i, row[6] or 0, text, row[7] or "", "2025-01-22 13:05:09 UTC", 0xFFFF83073ED52C00 + i,
                "\\Device\\HarddiskVolume2\\Windows\\x.exe" if row[7] else ""))
        else:
            lines.append("%04x%7d %s %s" % (i, row[6] or 0, text, row[7] or ""))
    return fixed(heading, lines, 277 if verbose else 127)


def net_csv(leaked):
    out = "Proto,State,SrcAddr,SrcPort,DstAddr,DstPort,Time,Object,PID,Process,ProcessPath\n"
    for i, row in enumerate(sockets_of_machine(leaked)):
        out += "%s,%s,%s,%d,%s,%d,\"2025-01-22 13:05:09 UTC\",0x%x,%d,%s,%s\n" % (
            row[0].replace("v", ""), row[5], row[1], row[2], "***" if row[3] == "*" else row[3], row[4],
            0xFFFF83073ED52C00 + i, row[6] or 0, row[7] or "", "\\Device\\x.exe" if row[7] else "")
    return out


def device_and_path(thing):
    """\\Device\\Afd\\Endpoint is Afd and \\Endpoint"""
    if not thing.startswith("\\Device\\"):
        return "", thing
    device, _, path = thing[len("\\Device\\"):].partition("\\")
    return device, "\\" + path


def memprocfs_handles(sockets):
    """of all processes in one file, as somebody may have put them together"""
    heading = "   #    PID  Handle Object Address   Access Type             Description"
    out = ""
    for pid, _, handles in processes(sockets):
        lines = []
        for i, (kind, thing) in enumerate(handles):
            device, path = device_and_path(thing)
            lines.append("%04x%7d%8x %16x %6x %-16s %s" % (
                i, pid, 4 * i + 4, 0xFFFF83073ED52C00 + 0x40 * i, 0x1F0003, kind[:16],
                "\\" + device + path if device else path))
        out += fixed(heading, lines, 221)
    return out


def memprocfs_handles_csv(sockets):
    out = "PID,Handle,Object,Access,Type,Tag,HandleCount,Device,Description\n"
    for pid, _, handles in processes(sockets):
        for i, (kind, thing) in enumerate(handles):
            device, path = device_and_path(thing)
            out += "%d,0x%x,0x%x,%x,%s,%s,0x1,%s,%s\n" % (
                pid, 4 * i + 4, 0xFFFF83073ED52C00 + 0x40 * i, 0x1F0003, kind, "File" if device else "Evnt",
                device, path)
    return out


# ---- the kernel debugger ----

def kd(sockets):
    out = "0: kd> !process 0 0\n**** NT ACTIVE PROCESS DUMP ****\n"
    for pid, name, handles in processes(sockets):
        out += ("PROCESS ffffa80e%08x\n    SessionId: %s  Cid: %04x    Peb: 00000000  ParentCid: 0004\n"
                "    DirBase: 001ad002  ObjectTable: ffffb58ebc602c40  HandleCount: %4d.\n"
                "    Image: %s\n\n") % (0x2b0c4080 + pid, "none" if pid == 4 else "0", pid, len(handles), name)
    return out


def files(sockets):
    leak = [handles for pid, _, handles in processes(sockets) if pid == LEAK[0]][0]
    text = {
        "volatility3-netscan.txt": quick(SCAN, scan_rows(sockets)),
        "volatility3-netscan.csv": csv(SCAN, scan_rows(sockets)),
        "volatility3-netscan-pretty.txt": pretty(SCAN, scan_rows(sockets)),
        "volatility3-handles.txt": quick(HANDLES, handle_rows(sockets)),
        "volatility3-handles.csv": csv(HANDLES, handle_rows(sockets)),
        "volatility3-handles-pretty.txt": pretty(HANDLES, handle_rows(sockets)),
        "volatility2-netscan.txt": scan2(sockets),
        "volatility2-handles.txt": handles2(sockets),
        "memprocfs-netstat.txt": net(sockets),
        "memprocfs-netstat-v.txt": net(sockets, verbose=True),
        "memprocfs-net.csv": net_csv(sockets),
        "memprocfs-handles.txt": memprocfs_handles(sockets),
        "memprocfs-handles.csv": memprocfs_handles_csv(sockets),
        "kd-process.txt": kd(sockets),
    }
    made = {name: "\n".join(line.rstrip(" ") for line in content.split("\n")).encode()
            for name, content in text.items()}
    made["minidump.dmp"] = minidump(*LEAK, leak)
    made["minidump-first-form.dmp"] = minidump(*LEAK, leak, descriptor=32, pad_modules=True)
    made["minidump-unnamed.dmp"] = minidump(*LEAK, leak, named=False)
    made["minidump-no-handles.dmp"] = minidump(*LEAK, leak, with_handles=False)
    made["minidump-no-pid.dmp"] = minidump(*LEAK, leak, with_pid=False)
    made["minidump-linux.dmp"] = minidump(*LEAK, leak, platform=0x8201)
    made["complete64.dmp"] = dump64(1)
    made["small64.dmp"] = dump64(4)
    made["active64.dmp"] = dump64(5)
    made["live64.dmp"] = dump64(6, bug_check=0x161)
    made["kernel32.dmp"] = dump32(2)
    made["cut64.dmp"] = dump64(1, size=0x1800)
    return made


# What is kept beside the tests: text, and one file of each binary kind for fuzzing.
KEPT_DUMPS = ["minidump.dmp", "complete64.dmp"]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, content in files(int(sys.argv[2]) if len(sys.argv) > 2 else 15).items():
        with open(os.path.join(sys.argv[1], name), "wb") as out:
            out.write(content)


if __name__ == "__main__":
    main()
