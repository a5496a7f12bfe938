"""How gunicorn serves Drawpack. It looks for this file by itself, where it is started:
`.venv/bin/gunicorn "app:create_app()"`, which the supervisor runs, and `deploy/systemd` too.
"""

import ctypes
from contextlib import suppress

import settings

_config = settings.load()
_host = f"[{_config['HOST']}]" if ":" in _config["HOST"] else _config["HOST"]

bind = f"{_host}:{_config['PORT']}"
# One process: SQLite has one writer, and threads share its page cache.
workers = 1
worker_class = "gthread"
# Who downloads slowly holds a thread, unless nginx sends the file (DRAWPACK_SENDFILE); one mail can
# bring a dozen of them at once. Threads that wait cost next to nothing.
threads = 32
# Longer than anybody waits who will go on: a request that comes in the moment in which its
# connection is closed is lost, and the default of two seconds is how long a page is looked at.
keepalive = 75
# Each is an open file, and many systems allow a process 1,024.
worker_connections = 512
graceful_timeout = 8
# It would lie in the home folder, which a service need not have.
control_socket_disable = True

# glibc gives each thread a heap of its own and keeps what is freed in it: 32 of them grow to twice
# the memory that is in use. Elsewhere there is no such function. (M_ARENA_MAX)
with suppress(AttributeError, OSError, TypeError):
    ctypes.CDLL(None).mallopt(-8, 2)
