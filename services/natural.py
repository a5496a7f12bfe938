"""The order in which people count: SC-2 before SC-10, whatever the case of the letters."""

from collections.abc import Callable
from typing import Any

from natsort import natsort_keygen, ns

#: The key to sort by.
natural: Callable[[str], Any] = natsort_keygen(alg=ns.IGNORECASE)
