"""The whole look at the installation, in the order in which somebody would mend it."""

from datetime import datetime

from services.system import inside, outside
from services.system.clocks import clock
from services.system.result import Result
from services.system.shelf import shelf


def check(now: datetime) -> list[Result]:
    """Look at everything; a second or two, some more where a mail server does not answer.

    Changes nothing, sends nothing, and never raises for what it finds.
    """
    return [
        *inside.database(),
        *inside.data_folder(),
        *shelf(),
        inside.backup(now),
        clock(now),
        *outside.queue(now),
        outside.drawing(),
        outside.mail(),
        outside.office(),
        outside.versions(),
    ]
