"""What the geocoder gives back: one answer an address, with its candidates and its warnings."""

from dataclasses import dataclass

LEVELS = ("house", "group", "natural_village", "village", "town", "county", "ambiguous", "none")
WARNINGS = ("wrong_town", "old_name", "ambiguous", "outside")
# What was wrong with an address as it was written; `clean` stands alone.
NOISES = (
    "clean",
    "traditional",
    "full_width",
    "separators",
    "phone",
    "firm",
    "several",
    "label",
    "missing_province",
    "missing_county",
    "missing_town",
    "slip",
    "short_name",
    "old_name",
    "wrong_town",
    "later",
    "ambiguous",
    "outside",
    "below_only",
    "placeholder",
    "empty",
    "unreadable",
    "unknown",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that the address may mean; `reason` is the method by which it was found."""

    code: str
    name: str
    level: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Where an address lies, as far as the gazetteer can tell.

    `level` is one of `LEVELS`; `score` runs from 0 to 1 (0.9 and more may be taken without a look).
    For `ambiguous` the `code` is only the first of the `candidates`: no choice was made, store none.
    For `none` the `code` is empty and `method` says why (empty, placeholder, unreadable, outside,
    unknown). `lon`/`lat` (EPSG:4326) are those of the matched place, never of a house. `group`,
    `house`, `building`, `unit` and `room` are text found behind the place name.
    `noise` says what was wrong with the text, from `NOISES`.
    """

    level: str
    code: str = ""
    name: str = ""
    score: float = 0.0
    method: str = ""
    candidates: tuple[Candidate, ...] = ()
    warnings: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None
    village_code: str = ""
    town_code: str = ""
    county_code: str = ""
    group: str = ""
    house: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""
    noise: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether one place was found (ambiguous and none are not)."""
        return self.level not in ("ambiguous", "none")
