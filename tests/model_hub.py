"""A stand-in for a model hub, and a process that downloads from it."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from urllib.parse import quote

COMMIT = "5" * 40
MODEL = "org/tiny"
#: Downloads one model and prints what came of it.
CLIENT = """
import json, sys, warnings
from dataclasses import replace
from summarizer.backends.hub import find_files
from summarizer.cards import get_card
from summarizer.errors import SummarizerError

changes, force = json.loads(sys.argv[1]), sys.argv[2] == "force"
seen = []
try:
    card = replace(get_card("extractive"), name="tiny", **changes)
    print(json.dumps([str(find_files(card, lambda *told: seen.append(told), force=force)), seen]))
except SummarizerError as error:
    print(json.dumps([error.code, error.message]))
"""


class Hub:
    """The few answers of a model hub that its client asks for when it downloads, and that client."""

    def __init__(self, server, home):
        self.server = server
        self.home = home

    def publish(self, files):
        api, rows = f"/api/models/{MODEL}", []
        for name, data in files.items():
            path = f"/{MODEL}/resolve/{COMMIT}/{quote(name)}"
            digest = sha256(data).hexdigest()
            self.server.files[path] = data
            self.server.headers[path] = {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT}
            rows.append({"type": "file", "path": name, "rfilename": name, "size": len(data), "oid": digest})
        info = {"id": MODEL, "sha": COMMIT, "siblings": rows}
        for path, answer in {
            api: info,
            f"{api}/revision/main": info,
            f"{api}/revision/refs%2Fpr%2F7": info,
            f"{api}/tree/{COMMIT}": rows,
        }.items():
            self.server.files[path] = json.dumps(answer).encode()
            self.server.headers[path] = {"Content-Type": "application/json"}

    def get(self, *, force=False, env=None, **changes):
        """Run the client; return the folder and the progress, or the code of the error and its message."""
        changes = {"source": MODEL, **changes}
        done = subprocess.run(
            [sys.executable, "-c", CLIENT, json.dumps(changes), "force" if force else ""],
            env={
                **os.environ,
                **{"HF_ENDPOINT": self.server.url, "HF_HOME": str(self.home), "HF_HUB_OFFLINE": "0"},
                **(env or {}),
            },
            capture_output=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout.splitlines()[-1])
