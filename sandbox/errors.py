"""What can go wrong in the sandbox."""


class SandboxError(Exception):
    """The sandbox cannot be made or opened; the message says where and what to do about it."""
