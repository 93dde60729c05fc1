"""Schema revisions of this room (branch `storage`), applied by `storage.migrate`."""
