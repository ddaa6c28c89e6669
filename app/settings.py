"""One frozen `Settings`, read once from the environment (`GETU_*`, and `DATABASE_URL`) and passed down."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import BadInput


class Settings(BaseSettings):
    """Everything that differs from bank to bank; the defaults run a demo on one machine."""

    model_config = SettingsConfigDict(env_prefix="GETU_", frozen=True, extra="ignore", populate_by_name=True)

    home: Path = Field(
        default=Path(".getu"),
        description="folder of the private cluster, files and keys",
    )
    database_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "GETU_DATABASE_URL"),
        description="the bank's own PostgreSQL; without it a private cluster is made under home",
    )
    admin_url: str | None = Field(
        default=None,
        description="a second address with the right to migrate, where the service's login has none",
    )
    cluster_profile: Literal["demo", "test"] = Field(
        default="demo", description="test switches fsync off; never for real data"
    )
    bank_name: str = Field(default="江海农商银行", description="as written on pages and sheets")
    review_number: str = Field(default="", description="审图号 printed on maps, when the bank has one")
    pool_size: int = Field(default=8, description="database connections a web process keeps")
    session_idle: timedelta = Field(
        default=timedelta(minutes=30),
        description="a browser session ends after this rest",
    )
    session_limit: timedelta = Field(
        default=timedelta(hours=10), description="a browser session never lasts longer"
    )
    lock_after: int = Field(default=5, description="wrong passwords before an account is locked")
    lock_for: timedelta = Field(default=timedelta(minutes=15), description="how long it stays locked")
    https: bool = Field(
        default=False,
        description="the service stands behind TLS: __Host- cookie, Secure",
    )
    upload_limit_bytes: int = Field(default=1 << 30, description="largest file that may be uploaded")
    unpacked_limit_mb: int = Field(default=2048, gt=0, description="what one archive may unpack to, MiB")
    archive_ratio: int = Field(default=200, gt=1, description="unpacked : packed above which it is a bomb")
    archive_entries: int = Field(default=2000, gt=0, description="files one archive or folder may hold")
    max_vertices: int = Field(default=10_000_000, gt=0, description="vertices one boundary layer may have")
    max_rows: int = Field(default=1_000_000, gt=0, description="rows one boundary layer may have")
    reader_memory_mb: int = Field(default=2048, ge=256, description="memory the file reader may take, MiB")
    reader_cpu_s: int = Field(default=240, gt=0, description="processor seconds for reading one file")
    reader_wall_s: int = Field(default=300, gt=0, description="seconds for reading one file")
    keep_uploads_days: int = Field(
        default=30, ge=1, description="an upload that was never loaded is swept away after so many days"
    )
    workers: int = Field(default=1, description="job workers that `getu serve` starts beside itself")
    import_processes: int = Field(default=2, description="processes that read and place customers")

    @property
    def files(self) -> Path:
        """Folder of uploaded and produced files."""
        return self.home / "files"

    @property
    def keys(self) -> Path:
        """Folder of the field-encryption keys (0700)."""
        return self.home / "keys"


def read_settings() -> Settings:
    """Read the environment once; the home is made absolute so that a later chdir changes nothing."""
    try:
        settings = Settings()
    except ValidationError as error:
        names = ", ".join(f"GETU_{str(item['loc'][0]).upper()}" for item in error.errors())
        raise BadInput(
            "bad_setting",
            zh=f"设置的值不对：{names}（写法见 docs/operations.md）",
            en=f"settings that cannot be read: {names} (see docs/operations.md)",
        ) from None
    return settings.model_copy(update={"home": settings.home.expanduser().absolute()})
