"""A remark that a report carries: a stable code and one sentence in Chinese and in English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """One thing worth saying about a file, a layer or a shape; `rows` are 1-based row numbers in the file."""

    code: str
    zh: str
    en: str
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"
