#!/usr/bin/env python3
"""The Chinese text: complete, in one voice, and nothing left in English.

    test_po.py SOURCE_ROOT

Unmarked text does not reach the catalogue, so the catalogue alone cannot tell of it: the golden
screens in Chinese are searched for English sentences, too.
"""

import os
import re
import subprocess
import sys

import polib

# One word for one thing: where the English has the first, the Chinese has the second.
TERMS = [
    ("ephemeral port", "临时端口"),
    ("network namespace", "网络命名空间"),
    ("listener", "监听"),
    ("port exhaustion", "端口耗尽"),
    ("reserved port", "保留端口"),
    ("source address", "源地址"),
    ("connection pool", "连接池"),
    ("timestamp", "时间戳"),
    ("peer", "对端"),
]

# What stays as it is: code, names, numbers, commands, placeholders.
CODE = re.compile(r"`[^`]*`|portroom(?: [a-z]+)+|%[-+ 0-9.*$lzh]*[a-zA-Z%]|[\w./:=*@<>\[\]{}'\"|-]*[_/=.()\d]\S*|--?[\w-]+")
PLACEHOLDER = re.compile(r"%(?:\d+\$)?[-+ 0-9.*lzh]*[a-zA-Z%]")
ENGLISH = re.compile(r"\b[a-z]{2,}(?: [a-z]{2,}){2,}\b")

count = failed = 0


def ok(condition, sentence, *details):
    global count, failed
    count += 1
    failed += not condition
    print("%s %d - %s" % ("ok" if condition else "not ok", count, sentence))
    if not condition:
        for detail in details:
            for line in str(detail).splitlines()[:20]:
                print("# " + line)


def translations(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def english_in(text):
    return ENGLISH.search(CODE.sub(" . ", text))


def test_catalogue(root):
    done = subprocess.run([os.path.join(root, "tools/po.sh"), "--check"], capture_output=True,
                          text=True, check=False)
    ok(done.returncode == 0, "the catalogue has every text of src/ and no other", done.stderr)
    catalogue = polib.pofile(os.path.join(root, "po/zh_CN.po"))
    ok(len(catalogue) > 300, "the catalogue is read")
    same = [entry.msgid for entry in catalogue
            if entry.msgid in translations(entry) and english_in(entry.msgid)]
    ok(not same, "no text is its own translation", "\n".join(same))
    for english, chinese in TERMS:
        wrong = ["%s\n  -> %s" % (entry.msgid, text) for entry in catalogue
                 for text in translations(entry)
                 if text and re.search(r"\b%s" % english, CODE.sub(" . ", entry.msgid), re.I)
                 and chinese not in text]
        ok(not wrong, "'%s' is always %s" % (english, chinese), "\n".join(wrong))
    half = [text for entry in catalogue for text in translations(entry)
            if re.search(r"[\u4e00-\u9fff] ?[,;:!?](?![\w/:])", text)]
    ok(not half, "Chinese text has Chinese punctuation", "\n".join(half))
    tight = [text for entry in catalogue for text in translations(entry)
             if re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]",
                          PLACEHOLDER.sub("", text))]
    ok(not tight, "there is a space between Chinese and Latin letters", "\n".join(tight))


def test_screens(root):
    folder = os.path.join(root, "tests/golden/zh_CN")
    names = sorted(os.listdir(folder))
    ok(len(names) > 10, "there are golden screens in Chinese")
    for name in names:
        # What a test's own machine says of its gaps is not ours to translate.
        if name in ("check-gaps.txt", "room-interval.txt", "windows-room.txt"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            lines = [line for line in file if not line.lstrip().startswith(
                ("sysctl ", "nsenter ", "kill ", "systemctl ", "conntrack ", "prlimit ", "ss ", "nft ", "netsh ", "netstat ", "'"))]
            lines = [re.sub(r"netsh int ipv4 (show|set|add) \S+( tcp)?|show dynamicport tcp", "", line) for line in lines]
        if name == "events.txt":  # below a row stands what a program has logged, in its own language
            lines = [line for line in lines if not re.match(r" {6}\S", line)]
        found = [line for line in lines if english_in(line)]
        ok(not found, name + " has no English sentence", "".join(found))


def main():
    root = sys.argv[1]
    test_catalogue(root)
    test_screens(root)
    print("1..%d" % count)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
