"""A child process that ends with its parent, however the parent ended.

Belongs here: the watch on the parent. Does not belong here: what the child does.
A kill leaves no time to clean up, so the child looks for itself whether its parent is still there.
"""

import os
import threading
import time

PARENT_CHECK_SECONDS = 0.2
ORPHANED_EXIT_STATUS = 70


def end_with_parent() -> None:
    """Start watching; the process leaves at once when the parent that it has now is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os._exit(ORPHANED_EXIT_STATUS)

    threading.Thread(target=watch, name="tether", daemon=True).start()
