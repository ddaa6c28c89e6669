"""The base of all tables and the column types they share."""

from datetime import datetime
from typing import Annotated, Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, DateTime, Identity, MetaData, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import Text

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables hang here; names of constraints follow one rule so that migrations can drop them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(BigInteger),
    }


def point(*, nullable: bool = True) -> Any:
    """A point column in storage CRS (EPSG:4326); its GiST index is declared beside the others."""
    return mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=nullable)


def area(*, nullable: bool = True) -> Any:
    """A multipolygon column in storage CRS (EPSG:4326)."""
    return mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=nullable)


Id = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Born = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
Shape = WKBElement
