"""The paper sizes a wall map can be printed on, each with the type a person reads from its distance."""

from dataclasses import dataclass

from app.errors import BadInput


@dataclass(frozen=True, slots=True)
class Paper:
    """One sheet size: portrait millimetres, margin, smallest readable type and the range of grid names."""

    key: str
    width_mm: float
    height_mm: float
    margin_mm: float
    smallest_pt: float
    name_pt: tuple[float, float]

    @property
    def unit(self) -> float:
        """Size of furniture relative to an A3 sheet, so that panels keep their proportions to the type."""
        return self.smallest_pt / 6.5

    def size(self, orientation: str) -> tuple[float, float]:
        """Width and height in millimetres when the sheet is held `portrait` or `landscape`."""
        if orientation == "portrait":
            return self.width_mm, self.height_mm
        return self.height_mm, self.width_mm


PAPERS: tuple[Paper, ...] = (
    Paper("A0", 841, 1189, 18, 10.0, (11.0, 28.0)),
    Paper("A1", 594, 841, 14, 8.0, (8.5, 23.0)),
    Paper("A2", 420, 594, 11, 7.0, (7.5, 20.0)),
    Paper("A3", 297, 420, 9, 6.5, (7.0, 18.0)),
    Paper("A4", 210, 297, 7, 6.0, (6.0, 13.0)),
)

ORIENTATIONS = ("landscape", "portrait")


def find_paper(key: str) -> Paper:
    """The paper of that key; `BadInput` names the sizes there are."""
    for paper in PAPERS:
        if paper.key == key.strip().upper():
            return paper
    known = " ".join(paper.key for paper in PAPERS)
    raise BadInput(
        "paper_unknown", zh=f"没有纸张 {key}，可用：{known}", en=f"No paper {key}; there are: {known}"
    )


def list_orientations(orientation: str | None) -> tuple[str, ...]:
    """The orientations to try: both, or the one that was asked for."""
    if orientation is None:
        return ORIENTATIONS
    if orientation not in ORIENTATIONS:
        raise BadInput(
            "orientation_unknown",
            zh=f"没有方向 {orientation}，可用：landscape portrait",
            en=f"No orientation {orientation}; there are: landscape portrait",
        )
    return (orientation,)
