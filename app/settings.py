"""One frozen `Settings`, read once from the environment (`GETU_*`, and `DATABASE_URL`) and passed down."""

import os
import re
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from app.errors import BadInput

MapService = Literal["amap", "tencent", "baidu", "tianditu", "nominatim", "photon"]
# Whose key must be set, and whose own address: nobody else's server may be asked for lists.
KEYED: tuple[MapService, ...] = ("amap", "tencent", "baidu", "tianditu")
HOSTED: tuple[MapService, ...] = ("nominatim", "photon")


class ServiceAccess(BaseModel):
    """How a map service is reached and how much may be asked of it: `GETU_AMAP__KEY` and so on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: SecretStr = SecretStr("")
    secret: SecretStr = SecretStr("")
    url: str = ""
    qps: float = Field(default=3, gt=0, le=1000)
    daily_quota: int = Field(default=5000, ge=0)
    timeout: float = Field(default=5, gt=0, le=60)

    @field_validator("url")
    @classmethod
    def check_url(cls, url: str) -> str:
        """An address of http or https with a host, without user, query or a slash at its end."""
        if url and not re.fullmatch(r"https?://[\w.\-\[\]:]+(?:/[\w./~%-]*)?", url, re.ASCII):
            raise ValueError("not an address of http or https")
        return url.rstrip("/")


class Settings(BaseSettings):
    """Everything that differs from bank to bank; the defaults run a demo on one machine."""

    model_config = SettingsConfigDict(
        env_prefix="GETU_",
        env_nested_delimiter="__",
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

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
    intake_folder: Path | None = Field(
        default=None, description="folder that other systems put customer files into each night"
    )
    intake_at: time = Field(default=time(2, 30), description="when the folder is read each day, local time")
    intake_quiet: timedelta = Field(
        default=timedelta(seconds=30), description="so long unchanged, a file without a flag is complete"
    )
    intake_patience: timedelta = Field(
        default=timedelta(minutes=10), description="how long a file that is still being copied is waited for"
    )
    workers: int = Field(default=1, description="job workers that `getu serve` starts beside itself")
    import_processes: int = Field(
        default_factory=lambda: len(os.sched_getaffinity(0)),
        ge=1,
        description="processes that read and place customers and addresses; one a core",
    )
    geocode_providers: Annotated[tuple[MapService, ...], NoDecode] = Field(
        default=(), description="map services that may be asked, in this order; empty: none, nothing leaves"
    )
    geocode_keep_days: int = Field(default=180, ge=1, description="how long a service's answer counts")
    geocode_proxy: SecretStr | None = Field(
        default=None, description="the bank's forward proxy to the services, http://host:port"
    )
    amap: ServiceAccess = Field(default=ServiceAccess(), description="高德")
    tencent: ServiceAccess = Field(default=ServiceAccess(), description="腾讯位置服务")
    baidu: ServiceAccess = Field(default=ServiceAccess(), description="百度地图")
    tianditu: ServiceAccess = Field(default=ServiceAccess(), description="天地图")
    nominatim: ServiceAccess = Field(default=ServiceAccess(), description="a Nominatim of the bank's own")
    photon: ServiceAccess = Field(default=ServiceAccess(), description="a Photon of the bank's own")

    @field_validator("geocode_providers", mode="before")
    @classmethod
    def split_names(cls, names: Any) -> Any:
        """Names apart by commas or blanks, each once."""
        return tuple(dict.fromkeys(re.findall(r"[^,\s]+", names))) if isinstance(names, str) else names

    @field_validator("geocode_proxy")
    @classmethod
    def check_proxy(cls, proxy: SecretStr | None) -> SecretStr | None:
        """An address of http or https; it may carry a user."""
        plain = proxy.get_secret_value() if proxy else ""
        if plain and not re.fullmatch(r"https?://\S+", plain):
            raise ValueError("not an address of http or https")
        return proxy if plain else None

    def access(self, service: str) -> ServiceAccess:
        """How a map service is reached."""
        found: ServiceAccess = getattr(self, service)
        return found

    @property
    def files(self) -> Path:
        """Folder of uploaded and produced files."""
        return self.home / "files"

    @property
    def bases(self) -> Path:
        """Folder of the base maps' files and records."""
        return self.files / "base"

    @property
    def keys(self) -> Path:
        """Folder of the field-encryption keys (0700)."""
        return self.home / "keys"


def read_settings() -> Settings:
    """Read the environment once; the home is made absolute so that a later chdir changes nothing."""
    try:
        settings = Settings()
    except ValidationError as error:
        raise _bad({_variable(item["loc"]) for item in error.errors()}) from None
    except SettingsError as error:
        # The text of a nested setting that is no JSON; its message names the field and no value.
        named = re.search(r'field "(\w+)"', str(error))
        raise _bad({_variable((named[1],)) if named else "GETU_…"}) from None
    lacking = _find_lacking(settings)
    if lacking:
        raise _bad(lacking)
    return settings.model_copy(update={"home": settings.home.expanduser().absolute()})


def _variable(loc: tuple[int | str, ...]) -> str:
    """The variable that a place in the settings is set by."""
    return "GETU_" + "__".join(str(part).upper() for part in loc if isinstance(part, str))


def _find_lacking(settings: Settings) -> set[str]:
    """Variables without which a map service that is switched on cannot be asked."""
    lacking = {_variable((name, "key")) for name in KEYED if not settings.access(name).key.get_secret_value()}
    lacking |= {_variable((name, "url")) for name in HOSTED if not settings.access(name).url}
    return {
        variable for variable in lacking if variable[5:].split("__")[0].lower() in settings.geocode_providers
    }


def _bad(variables: set[str]) -> BadInput:
    names = ", ".join(sorted(variables))
    return BadInput(
        "bad_setting",
        zh=f"设置的值不对：{names}（写法见 docs/operations.md）",
        en=f"settings that cannot be read: {names} (see docs/operations.md)",
    )
