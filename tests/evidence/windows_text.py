#!/usr/bin/env python3
"""What netsh, PowerShell, tasklist, Sysinternals and reg print on a Windows machine that never was.

    windows_text.py FORM [--language L] [--encoding E]      one form, on standard output
    windows_text.py all FOLDER                              every form, language and encoding
    windows_text.py samples FOLDER                          several forms in a file: fixtures/evidence/windows
    windows_text.py facts                                   what a reader must find in them, as JSON

The layout is that of the programs, the words are theirs where they are known; 'xx' is no language. Machine,
processes and ports are invented.
"""

import argparse
import json
import os
import sys

# Words that the programs translate. PowerShell's names of properties and states are not among them.
LANGUAGES = {
    "en": {
        "dynamic": "Protocol %s Dynamic Port Range", "first": "Start Port", "count": "Number of Ports",
        "excluded": "Protocol %s Port Exclusion Ranges", "from": "Start Port", "to": "End Port",
        "star": "Administered port exclusions.", "image": "Image Name", "session": "Session Name",
        "number": "Session#", "memory": "Mem Usage", "services": "Services", "none": "N/A", "group": ",",
        "unit": "K", "host": "Host Name", "os": "OS Name", "version": "OS Version", "ver": "Version"},
    "de": {
        "dynamic": "Dynamischer Portbereich für das Protokoll %s", "first": "Startport",
        "count": "Anzahl von Ports", "excluded": "Ausgeschlossene Portbereiche für das Protokoll %s",
        "from": "Startport", "to": "Endport", "star": "Verwaltete Portausschlüsse.",
        "image": "Abbildname", "session": "Sitzungsname", "number": "Sitz.-Nr.",
        "memory": "Speichernutzung", "services": "Dienste", "none": "Nicht zutreffend", "group": ".",
        "unit": "K", "host": "Hostname", "os": "Betriebssystemname",
        "version": "Betriebssystemversion", "ver": "Version"},
    "es": {
        "dynamic": "Intervalo de puertos dinámicos del protocolo %s", "first": "Puerto de inicio",
        "count": "Número de puertos", "excluded": "Intervalos de exclusión de puertos del protocolo %s",
        "from": "Puerto de inicio", "to": "Puerto final", "star": "Exclusiones de puertos administrados.",
        "image": "Nombre de imagen", "session": "Nombre de sesión", "number": "Núm. de ses",
        "memory": "Uso de memor", "services": "Servicios", "none": "N/D", "group": ".", "unit": "KB",
        "host": "Nombre de host", "os": "Nombre del sistema operativo",
        "version": "Versión del sistema operativo", "ver": "Versión"},
    "zh": {
        "dynamic": "协议 %s 动态端口范围", "first": "启动端口", "count": "端口数",
        "excluded": "协议 %s 端口排除范围", "from": "开始端口", "to": "结束端口", "star": "管理的端口排除。",
        "image": "映像名称", "session": "会话名", "number": "会话#", "memory": "内存使用", "services": "服务",
        "none": "暂缺", "group": ",", "unit": "K", "host": "主机名", "os": "OS 名称", "version": "OS 版本",
        "ver": "版本"},
    "ko": {
        "dynamic": "%s 프로토콜 동적 포트 범위", "first": "시작 포트", "count": "포트 수",
        "excluded": "%s 프로토콜 포트 제외 범위", "from": "시작 포트", "to": "끝 포트",
        "star": "관리되는 포트 제외입니다.", "image": "이미지 이름", "session": "세션 이름", "number": "세션#",
        "memory": "메모리 사용", "services": "서비스", "none": "해당 없음", "group": ",", "unit": "K",
        "host": "호스트 이름", "os": "OS 이름", "version": "OS 버전", "ver": "버전"},
    "xx": {
        "dynamic": "Wqx %s", "first": "Q", "count": "Zqqq zq", "excluded": "Wqq zz %s", "from": "Qz",
        "to": "Zq", "star": "qzq.", "image": "Qqz", "session": "Zz", "number": "Q#", "memory": "Zqq",
        "services": "Qzz", "none": "qzqz", "group": " ", "unit": "Qz", "host": "Qq", "os": "Zz q",
        "version": "Zz", "ver": "Zqz"},
}

# What cmd, Windows PowerShell and PowerShell 7 write, and what people save again.
ENCODINGS = {
    "utf-8": lambda text: text.encode("utf-8"),
    "utf-8-mark": lambda text: text.encode("utf-8-sig"),
    "utf-16le-mark": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "utf-16le": lambda text: text.encode("utf-16-le"),
    "utf-16be-mark": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "oem": None,
}
OEM = {"en": "cp437", "de": "cp850", "es": "cp850", "zh": "cp936", "ko": "cp949", "xx": "cp437"}

# Local address and port, remote ones, state, its number, the pid, and what PowerShell calls the setting.
CONNECTIONS = [
    ("::", 135, "::", 0, "Listen", 2, 932, ""), ("0.0.0.0", 445, "0.0.0.0", 0, "Listen", 2, 4, ""),
    ("0.0.0.0", 50001, "0.0.0.0", 0, "Bound", 100, 4711, ""),
    ("0.0.0.0", 50002, "0.0.0.0", 0, "Bound", 100, 4711, ""),
    ("0.0.0.0", 50003, "0.0.0.0", 0, "Bound", 100, 5120, ""),
    ("10.1.2.3", 50003, "192.0.2.80", 443, "Established", 5, 5120, "Internet"),
    ("10.1.2.3", 50004, "192.0.2.80", 443, "CloseWait", 8, 5120, "Internet"),
    ("10.1.2.3", 50005, "192.0.2.81", 80, "TimeWait", 11, 0, ""),
    ("fe80::1c2b:3d4e:5f60:7182%12", 50006, "fe80::99%12", 8080, "SynSent", 3, 820, "Internet"),
]
ENDPOINTS = [("0.0.0.0", 53, 820), ("fe80::1c2b:3d4e:5f60:7182%12", 1900, 820), ("::", 55000, 5120)]
# pid, name, handles, sockets among them, services
PROCESSES = [(4, "System", 3210, 0, ""), (820, "svchost.exe", 1234, 2, "Dnscache, LanmanWorkstation"),
             (932, "svchost.exe", 987, 1, "RpcSs"), (4711, "leaky agent.exe", 16020, 3, ""),
             (5120, "chrome.exe", 801, 2, "")]
RANGES = {("tcp", "ipv4"): (1024, 13977), ("udp", "ipv4"): (49152, 16384),
          ("tcp", "ipv6"): (20000, 1000), ("udp", "ipv6"): (30000, 255)}
EXCLUDED = {"tcp": [(5357, 5357, False), (14000, 14099, False), (50000, 50059, True)], "udp": []}
HOST, BUILD, DELAY = "WEB01", 17763, 30


def table(names, rows, right=()):
    """Format-Table: a column is as wide as its widest value, and what stands last is not filled up."""
    cells = [names, ["-" * len(name) for name in names], *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(names))]
    lines = []
    for number, row in enumerate(cells):
        line = " ".join(cell.rjust(width) if name in right else cell.ljust(width)
                        for cell, width, name in zip(row, widths, names))
        lines.append(line if number % 3 else line.rstrip())
    return "\n" + "\n".join(lines) + "\n\n\n"


def plain_list(names, rows):
    width = max(len(name) for name in names)
    return "\n" + "\n\n".join("\n".join(f"{name.ljust(width)} : {value}" for name, value in
                                        zip(names, row)) for row in rows) + "\n\n\n"


def csv(names, rows, sign, kind):
    lines = [f"#TYPE {kind}"] if kind else []
    lines += [sign.join(f'"{cell}"' for cell in row) for row in [names, *rows]]
    return "\n".join(lines) + "\n"


TCP_NAMES = ["LocalAddress", "LocalPort", "RemoteAddress", "RemotePort", "State", "AppliedSetting",
             "OwningProcess"]
UDP_NAMES = ["LocalAddress", "LocalPort", "OwningProcess"]


def tcp_rows(numbers=False):
    return [(a, p, b, q, number if numbers else state, setting, pid)
            for a, p, b, q, state, number, pid, setting in CONNECTIONS]


def json_text(names, rows, kind, indent=None):
    objects = [dict(zip(names, row)) | {"CimClass": {"CimClassName": kind}} for row in rows]
    return json.dumps(objects, indent=indent) + "\n"


# ---- forms ----


def dynamicport(words, prompts):
    text = ""
    for (protocol, family), (first, count) in RANGES.items():
        title, width = words["dynamic"] % protocol, max(len(words["first"]), len(words["count"]))
        text += f"C:\\>netsh int {family} show dynamicport {protocol}\n" if prompts else ""
        text += (f"\n{title}\n{'-' * 33}\n{words['first'].ljust(width)} : {first}\n"
                 f"{words['count'].ljust(width)} : {count}\n\n")
    return text


def excludedportrange(words):
    text = ""
    for protocol, rows in EXCLUDED.items():
        text += f"C:\\>netsh int ipv4 show excludedportrange protocol={protocol}\n\n"
        text += words["excluded"] % protocol + f"\n\n{words['from']}    {words['to']}\n----------    --------\n"
        for first, last, starred in rows:
            text += f"{first:10}  {last:10}{'     *' if starred else ''}\n"
        text += f"\n* - {words['star']}\n\n"
    return text


def memory(words, number):
    return f"{number:,} {words['unit']}".replace(",", words["group"])


def tasklist(words, form):
    rows = [(0, "System Idle Process", "")] + [(pid, name, services) for pid, name, _, _, services in
                                               PROCESSES]
    if form == "csv":
        names = [words["image"], "PID", words["session"], words["number"], words["memory"]]
        return csv(names, [(name, pid, "Services", 0, memory(words, 4240)) for pid, name, _ in rows], ",",
                   None)
    if form == "list":
        names = [words["image"], "PID", words["session"], words["number"], words["memory"]]
        return "".join("\n" + "".join(f"{label + ':':14}{value}\n" for label, value in zip(
            names, (name, pid, "Services", 0, memory(words, 4240)))) for pid, name, _ in rows)
    if form == "svc":
        text = f"\n{words['image']:25} {'PID':>8} {words['services']:44}\n{'=' * 25} {'=' * 8} {'=' * 44}\n"
        return text + "".join(f"{name[:25]:25} {pid:8} {services or words['none']:44}\n"
                              for pid, name, services in rows)
    text = (f"\n{words['image']:25} {'PID':>8} {words['session']:16} {words['number']:>11} "
            f"{words['memory']:>12}\n{'=' * 25} {'=' * 8} {'=' * 16} {'=' * 11} {'=' * 12}\n")
    return text + "".join(f"{name[:25]:25} {pid:8} {'Services':16} {0:11} {memory(words, 4240):>12}\n"
                          for pid, name, _ in rows)


def get_process(form):
    names = ["Handles", "NPM(K)", "PM(K)", "WS(K)", "CPU(s)", "Id", "SI", "ProcessName"]
    rows = [(handles, 25, 65432, 70000, "" if pid == 4 else "3,25", pid, 0, name.removesuffix(".exe"))
            for pid, name, handles, _, _ in PROCESSES]
    if form == "table":
        return table(names, rows, right=names[:-1])
    short = ["Id", "Handles", "Name"]
    rows = [(row[5], row[0], row[7]) for row in rows]
    return (plain_list(short, rows) if form == "list" else csv(short, rows, ";", None) if form == "csv"
            else json.dumps([dict(zip(short, row)) for row in rows], indent=4))


def handle(_):
    text = "\nNthandle v5.0 - Handle viewer\nCopyright (C) 1997-2022\n\n"
    for pid, name, handles, sockets, _ in PROCESSES:
        text += "-" * 78 + f"\n{name} pid: {pid} NT AUTHORITY\\SYSTEM\n"
        for i in range(handles):
            kind, what = ("File  (RW-)", "\\Device\\Afd") if i < sockets else ("Key", "HKLM\\SYSTEM")
            text += f"{4 * i + 4:5X}: {kind:14} {what}\n"
    return text


def process_explorer(_):
    text = "Process\tCPU\tPrivate Bytes\tWorking Set\tPID\tDescription\tHandles\n"
    for depth, (pid, name, handles, _, _) in enumerate(PROCESSES):
        text += f"{' ' * depth}{name}\t0.1\t91,204 K\t95,000 K\t{pid}\t\t{handles:,}\n"
    pid, name, _, sockets, _ = PROCESSES[3]
    text += f"\nProcess: {name} Pid: {pid}\n\nType\tName\nKey\tHKLM\\SYSTEM\n"
    return text + "File\t\\Device\\Afd\n" * sockets


def systeminfo(words):
    width = 1 + max(len(words[word]) for word in ("host", "os", "version"))
    lines = (("host", HOST), ("os", "Microsoft Windows Server 2019 Standard"),
             ("version", f"10.0.{BUILD} {words['none']} Build {BUILD}"))
    return "\n" + "".join(f"{(words[word] + ':').ljust(width)} {value}\n" for word, value in lines)


def registry(_):
    return ("\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\n"
            "    DataBasePath    REG_EXPAND_SZ    %SystemRoot%\\System32\\drivers\\etc\n"
            f"    Hostname    REG_SZ    {HOST}\n    TcpTimedWaitDelay    REG_DWORD    0x{DELAY:x}\n\n")


def groups(form):
    counts = {}
    for row in CONNECTIONS:
        counts[row[4], row[6]] = counts.get((row[4], row[6]), 0) + 1
    names = {pid: name.removesuffix(".exe") for pid, name, *_ in PROCESSES}
    rows = [(count, f"{state}, {pid}", names.get(pid, ""), "{MSFT_NetTCPConnection (InstanceID = \"0.0...")
            for (state, pid), count in sorted(counts.items(), key=lambda item: -item[1])]
    columns = ["Count", "Name", "ProcessName", "Group"]
    return table(columns, rows, right=["Count"]) if form == "table" else plain_list(columns, rows)


# What each form tells; what is not named it does not tell.
SOCKETS, RANGE, EXCLUSION = {"tcp": True}, {"ranges": True}, {"excluded": True}
NAMES, HANDLES = {"names": True}, {"names": True, "handles": True}
CLASS = "Microsoft.Management.Infrastructure.CimInstance#root/standardcimv2/MSFT_NetTCPConnection"
FORMS = {
    "dynamicport": (lambda words: dynamicport(words, False), RANGE),
    "dynamicport-prompts": (lambda words: dynamicport(words, True), RANGE),
    "excludedportrange": (excludedportrange, EXCLUSION),
    "tcp-table": (lambda words: table(TCP_NAMES, tcp_rows()), SOCKETS),
    "tcp-list": (lambda words: plain_list(TCP_NAMES, tcp_rows()), SOCKETS),
    "tcp-csv": (lambda words: csv(TCP_NAMES, tcp_rows(), ",", CLASS), SOCKETS),
    "tcp-csv-semicolon": (lambda words: csv(TCP_NAMES, tcp_rows(), ";", None), SOCKETS),
    "tcp-csv-tab": (lambda words: csv(TCP_NAMES, tcp_rows(True), "\t", None), SOCKETS),
    "tcp-json": (lambda words: json_text(TCP_NAMES, tcp_rows(True), "MSFT_NetTCPConnection"), SOCKETS),
    "tcp-json-names": (lambda words: json_text(TCP_NAMES, tcp_rows(), "MSFT_NetTCPConnection", 2), SOCKETS),
    "udp-table": (lambda words: table(UDP_NAMES, ENDPOINTS), {"udp": True}),
    "udp-json": (lambda words: json_text(UDP_NAMES, ENDPOINTS, "MSFT_NetUDPEndpoint"), {"udp": True}),
    "groups-table": (lambda words: groups("table"), {"counted": True}),
    "groups-list": (lambda words: groups("list"), {"counted": True}),
    "tasklist": (lambda words: tasklist(words, "table"), NAMES),
    "tasklist-svc": (lambda words: tasklist(words, "svc"), NAMES | {"services": True}),
    "tasklist-csv": (lambda words: tasklist(words, "csv"), NAMES),
    "tasklist-list": (lambda words: tasklist(words, "list"), NAMES),
    "process-table": (lambda words: get_process("table"), HANDLES | {"short": True}),
    "process-list": (lambda words: get_process("list"), HANDLES | {"short": True}),
    "process-csv": (lambda words: get_process("csv"), HANDLES | {"short": True}),
    "process-json": (lambda words: get_process("json"), HANDLES | {"short": True}),
    "handle": (handle, HANDLES),
    "process-explorer": (process_explorer, HANDLES),
    "systeminfo": (systeminfo, {"build": True, "host": True}),
    "ver": (lambda words: f"\nMicrosoft Windows [{words['ver']} 10.0.{BUILD}.1]\n", {"build": True}),
    "registry": (registry, {"delay": True, "host": True}),
}


def make(form, language="en", encoding="utf-8"):
    """The bytes of one file; None: the encoding has not all of its characters."""
    text = FORMS[form][0](LANGUAGES[language]).replace("\n", "\r\n")
    encode = ENCODINGS[encoding] or (lambda text: text.encode(OEM[language]))
    try:
        return encode(text)
    except UnicodeEncodeError:
        return None


SAMPLES = {
    "netsh-de.cp850.txt": ("de", "oem", ["dynamicport-prompts", "excludedportrange", "ver"]),
    "netsh-zh.cp936.txt": ("zh", "oem", ["dynamicport", "excludedportrange", "systeminfo"]),
    "powershell.utf16le.txt": ("en", "utf-16le", ["tcp-table", "tcp-list", "udp-table", "groups-table",
                                                  "groups-list", "process-table", "process-list"]),
    "powershell-csv.txt": ("en", "utf-8", ["tcp-csv", "tcp-csv-semicolon", "process-csv"]),
    "tasklist-es.cp850.txt": ("es", "oem", ["tasklist", "tasklist-svc", "tasklist-csv", "tasklist-list"]),
    "sysinternals.txt": ("en", "oem", ["handle", "process-explorer", "registry"]),
    "connections.json": ("en", "utf-8", ["tcp-json-names"]),
    "endpoints.utf16le.json": ("en", "utf-16le-mark", ["udp-json"]),
    "processes.json": ("en", "utf-8", ["process-json"]),
}


def make_samples(folder):
    for row in range(len(PROCESSES)): # so many handles make a file no better
        PROCESSES[row] = (*PROCESSES[row][:2], min(PROCESSES[row][2], 12), *PROCESSES[row][3:])
    for name, (language, encoding, forms) in SAMPLES.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(b"".join(make(form, language, encoding) for form in forms))


def facts():
    states = {}
    for row in CONNECTIONS:
        states[row[4]] = states.get(row[4], 0) + 1
    return {"states": states, "ranges": {f"{protocol} {family}": value for (protocol, family), value in
                                         RANGES.items()}, "excluded": EXCLUDED,
            "endpoints": len(ENDPOINTS), "processes": PROCESSES, "host": HOST, "build": BUILD,
            "delay": DELAY}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("form", choices=[*FORMS, "all", "samples", "facts"])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--encoding", choices=ENCODINGS, default="utf-8")
    words = parser.parse_args()
    if words.form == "facts":
        json.dump(facts(), sys.stdout, indent=1)
    elif words.form == "samples":
        make_samples(words.folder)
    elif words.form != "all":
        sys.stdout.buffer.write(make(words.form, words.language, words.encoding) or b"")
    else:
        for form in FORMS:
            for language in LANGUAGES:
                for encoding in ENCODINGS:
                    data = make(form, language, encoding)
                    name = f"{form}.{language}.{encoding}"
                    if data is not None:
                        with open(os.path.join(words.folder, name), "wb") as file:
                            file.write(data)


if __name__ == "__main__":
    main()
