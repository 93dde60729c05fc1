"""What the environment says about a running service: read here, checked here, nowhere else."""

from exchange.settings.kinds import GROUP_OR_OTHERS, LOOPBACK_HOSTS
from exchange.settings.model import (
    DatabaseSettings,
    Settings,
    SettingsError,
    StorageSettings,
    read_settings,
)

__all__ = [
    "GROUP_OR_OTHERS",
    "LOOPBACK_HOSTS",
    "DatabaseSettings",
    "Settings",
    "SettingsError",
    "StorageSettings",
    "read_settings",
]
