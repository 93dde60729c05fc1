"""Where sealed bytes lie: a folder or an S3 bucket, behind one protocol."""

from storage.objects.folder import FolderStore
from storage.objects.s3 import S3Store
from storage.objects.store import ObjectStore, StoredObject, new_key

__all__ = ["FolderStore", "ObjectStore", "S3Store", "StoredObject", "new_key"]
