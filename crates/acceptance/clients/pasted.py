"""Pastes every line that the demo prints into an interactive-like bash and checks that the API answered."""

import json
import os
import subprocess
import sys
import tempfile

demo = json.load(open(os.environ["TOLLGATE_DEMO_JSON"], encoding="utf-8"))
assert demo["try"], "the demo offers nothing to try"
failed = 0
with tempfile.TemporaryDirectory() as elsewhere:
    for entry in demo["try"]:
        ran = subprocess.run(
            ["bash"], input=entry["command"], capture_output=True, text=True, timeout=60, cwd=elsewhere, check=False
        )
        try:
            answer = json.loads(ran.stdout[ran.stdout.index("{") :])
            good = ran.returncode == 0 and answer.get("path", "").startswith("/")
        except ValueError:
            good = False
        print("ok  " if good else "FAIL", entry["title"])
        if not good:
            failed += 1
            print(entry["command"], ran.stdout, ran.stderr, sep="\n", file=sys.stderr)
sys.exit(1 if failed else 0)
