#!/usr/bin/env python3
"""Opens a report in a headless Chromium: no error on its console, nothing asked of a network, and the figures of the manifests.

    report.py COMMAND FOLDER WORK

COMMAND is the built command, FOLDER an export, WORK a folder for what is made. Exit code 1 where anything differs.
"""

import glob
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path


def main(command, folder, work):
    page = Path(work) / "report.html"
    subprocess.run([command, "report", folder, "-o", str(page)], check=True, stdout=subprocess.DEVNULL)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "chromium is missing"
    base = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--log-level=0",
            f"--user-data-dir={work}/chromium"]
    url = page.resolve().as_uri()
    opened = subprocess.run(base + ["--dump-dom", url], capture_output=True, text=True, timeout=120)
    assert opened.returncode == 0, opened.stderr
    console = [line for line in opened.stderr.splitlines() if "CONSOLE" in line]
    assert not console, console
    dom = opened.stdout
    manifests = [json.loads(Path(path).read_text()) for path in glob.glob(f"{folder}/_agentsight/windows/*.json")]
    squares = re.findall(r'<i class="[^"]*" tabindex="0" role="img" aria-label="([^"]*)">', dom)
    assert len(squares) == len(manifests), (len(squares), len(manifests))
    rows = sum(manifest["proof"]["distinct_ids"] for manifest in manifests)
    assert f'<p class="value">{rows}</p>' in dom, rows
    for manifest in manifests:
        key, count = manifest["window"]["key"], manifest["proof"]["distinct_ids"]
        assert any(title.startswith(f"{key}: {manifest['status']}, {count} row") for title in squares), key
    for scheme, width in (("light", 1000), ("dark", 1000), ("light", 400)):
        picture = Path(work) / f"{scheme}-{width}.png"
        setting = [f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}"]
        subprocess.run(base + setting + [f"--window-size={width},1600", f"--screenshot={picture}", url], check=True,
                       capture_output=True, timeout=120)
        assert picture.stat().st_size > 10_000
    print(f"  {len(squares)} windows, {rows} rows, nothing on the console")


main(*sys.argv[1:])
