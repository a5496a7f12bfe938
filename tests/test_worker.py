import json
import os
import subprocess
import sys

import settings

_TELL = """
import json, os, sys
import worker
from app import create_app

app = create_app(pages=False)
print(json.dumps({"modules": sorted({name.split(".")[0] for name in sys.modules}),
                  "addresses": [str(rule) for rule in app.url_map.iter_rules()]}))
"""
#: What only pages, commands or a few jobs need, each some megabytes in every job.
_STAYS_OUT = {
    "alembic",
    "blueprints",
    "demo",
    "flask_smorest",
    "httpx",
    "obstore",
    "openpyxl",
    "prometheus_client",
    "rich",
}


def test_a_worker_carries_neither_pages_nor_what_few_jobs_need(tmp_path):
    # A process of its own: the programs of `tests.programs` have everything imported.
    done = subprocess.run(
        [sys.executable, "-c", _TELL], cwd=settings.ROOT, check=True,
        env=os.environ | {"DRAWPACK_DATA_DIR": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    assert not _STAYS_OUT & set(told["modules"])
    assert told["addresses"] == ["/static/<path:filename>"]
    assert {"jobs", "services", "binder"} <= set(told["modules"])
