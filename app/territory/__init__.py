"""Whose ground is this, on which date? Organisation, boundaries, plans, duties, findings; no customers."""
