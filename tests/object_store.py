"""A real object store on loopback: SeaweedFS, which checks signatures as S3 does."""

import json
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from obstore.exceptions import BaseError

from services.objects.s3 import S3
from services.objects.store import StoreUnreachable
from tests.conftest import free_port, wait_for

KEYS = {"STORAGE_ACCESS_KEY": "drawpack", "STORAGE_SECRET_KEY": "a secret of the tests"}
IDENTITIES = {
    "identities": [
        {
            "name": "drawpack",
            "credentials": [
                {"accessKey": KEYS["STORAGE_ACCESS_KEY"], "secretKey": KEYS["STORAGE_SECRET_KEY"]}
            ],
            "actions": ["Admin", "Read", "Write", "List"],
        }
    ]
}


@contextmanager
def running(folder):
    """A started server; yields the address of its S3."""
    (folder / "s3.json").write_text(json.dumps(IDENTITIES))
    ports = {name: free_port() for name in _PORTS}
    command = [
        str(Path(sys.executable).parent / "weed"),
        "server",
        "-s3",
        f"-dir={folder}",
        f"-s3.config={folder / 's3.json'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-volume.max=30",
        "-master.volumeSizeLimitMB=64",
        # It would tell its makers that it runs.
        "-master.telemetry=false",
        # Neither of these has a port that two runs at once could share.
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        endpoint = f"http://127.0.0.1:{ports['s3.port']}"
        wait_for(lambda: _takes_files(endpoint, folder), what="the object store")
        yield endpoint
    finally:
        # Asked politely, it waits for half a minute.
        process.kill()
        process.wait(20)


_PORTS = [
    *("master.port", "master.port.grpc", "volume.port", "volume.port.grpc"),
    *("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc"),
]


def settings_of(endpoint, prefix="probe"):
    return {
        "STORAGE_URL": f"s3://drawpack/{prefix}",
        "STORAGE_ENDPOINT": endpoint,
        "STORAGE_REGION": "us-east-1",
        **KEYS,
    }


def _takes_files(endpoint, folder):
    with suppress(StoreUnreachable, BaseError):
        S3(settings_of(endpoint)).put("probe", folder / "s3.json", "")
        return True
