#!/usr/bin/env python3
"""What the views write is as the published schemas say.

    test_schemas.py SCHEMA_FOLDER FILE...
"""

import json
import os
import sys

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP python3-jsonschema is not installed")
    sys.exit(0)


def problem_of(folder, path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    name = document["schema"].replace("portroom.", "").replace("/", "-") + ".json"
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        schema = json.load(file)
    try:
        jsonschema.validate(document, schema)
    except jsonschema.ValidationError as error:
        return str(error)
    return None


def main():
    folder, paths = sys.argv[1], sys.argv[2:]
    print("1..%d" % len(paths))
    for number, path in enumerate(paths, 1):
        problem = problem_of(folder, path)
        print("%s %d - %s is as its schema says" % ("not ok" if problem else "ok", number,
                                                    os.path.basename(path)))
        for line in (problem or "").splitlines():
            print("# " + line)


main()
