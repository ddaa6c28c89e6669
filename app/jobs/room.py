"""No room left on the disk: nobody's fault and no end of a job; it goes on where it stopped once there is
room."""

import errno

from app.errors import NotReady

# The disk is full, somebody's share of it is, or a file may not grow any more.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def find_no_room(error: BaseException) -> NotReady | None:
    """What is said when an error means that a disk of this machine is full; None for any other error."""
    if not isinstance(error, OSError) or error.errno not in NO_ROOM:
        return None
    return NotReady(
        "disk_full",
        zh="磁盘空间不足，已停在上一批；清理空间后重新运行，会从停下处继续",
        en="the disk is full; make room and run it again, it goes on where it stopped",
    )
