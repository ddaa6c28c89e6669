"""The bank's own layers on the map: any imported points, lines and areas, rivals' outlets among them."""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id, Shape


class MapLayer(Base):
    """A layer that the bank loaded: its words, who may see it, what it is drawn with, its file's report."""

    __tablename__ = "map_layer"
    __table_args__ = (
        CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,23}$'", name="key"),
        CheckConstraint("meaning IN ('reference','competitors')", name="meaning"),
        CheckConstraint("audience IN ('all','bank')", name="audience"),
    )
    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    zh: Mapped[str]
    en: Mapped[str]
    why_zh: Mapped[str] = mapped_column(server_default="")
    why_en: Mapped[str] = mapped_column(server_default="")
    meaning: Mapped[str] = mapped_column(server_default="reference")
    audience: Mapped[str] = mapped_column(server_default="all")
    colour: Mapped[str] = mapped_column(server_default="grey")
    name_column: Mapped[str | None]
    class_column: Mapped[str | None]
    features: Mapped[int]
    file_name: Mapped[str]
    sha256: Mapped[str]
    report: Mapped[dict[str, Any]]
    loaded_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("app_user.id"))
    loaded_at: Mapped[Born]


class MapFeature(Base):
    """One thing of an own layer: a shape in EPSG:4326, its name and class, plain values of its file's row.

    `extent_m` is the longer side of its box, `breadth_m` twice its area by its length, both in metres of Web
    Mercator: how large it is drawn.
    """

    __tablename__ = "map_feature"
    __table_args__ = (
        CheckConstraint("shape IN ('point','line','area')", name="shape"),
        Index("ix_map_feature_layer_id", "layer_id", "class"),
        Index("ix_map_feature_geom", "geom", postgresql_using="gist"),
    )
    id: Mapped[Id]
    layer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("map_layer.id", ondelete="CASCADE"))
    row: Mapped[int]
    name: Mapped[str | None]
    class_: Mapped[str | None] = mapped_column("class")
    shape: Mapped[str]
    extent_m: Mapped[float]
    breadth_m: Mapped[float]
    attributes: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    geom: Mapped[Shape] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False)
