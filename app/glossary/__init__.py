"""Every term of the bank, and how its words are known in files.

Pages, printed sheets and documents take their words from here; imports guess from here which column of a
file is which field.
"""

from app.glossary.headings import FieldMapping, find_kind, fold_heading, map_headings, rank_heading
from app.glossary.terms import TERMS, Term, find_term, write_label
from app.glossary.visits import DUE_AFTER_DAYS

__all__ = [
    "DUE_AFTER_DAYS",
    "TERMS",
    "FieldMapping",
    "Term",
    "find_kind",
    "find_term",
    "fold_heading",
    "map_headings",
    "rank_heading",
    "write_label",
]
