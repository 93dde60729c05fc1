"""The declarative base that every room's tables share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

from sqlalchemy import BigInteger, DateTime, MetaData, Text
from sqlalchemy.orm import DeclarativeBase

# Constraints are named by rule, so that a migration can name the one it changes.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


# For sizes and counters, and for text without a limit of its own.
BigInt = Annotated[int, "bigint"]
LongText = Annotated[str, "text"]


class Base(DeclarativeBase):
    """Base of all tables: one metadata, one naming rule, every `datetime` with a time zone."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        datetime: DateTime(timezone=True),
        BigInt: BigInteger(),
        LongText: Text(),
    }
