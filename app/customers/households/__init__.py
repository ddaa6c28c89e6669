"""Households 家庭: customers who live together, by dwelling, register and relation, with a confidence.

`houses` reads the dwelling of an address, `persons` joins what several sources know of one person,
`evidence` and `contradictions` are the rules, `linking` is the pure kernel over the records of a village,
`storing` runs it over the bank, `deciding` and `showing` are what people do with the outcome.
"""

from app.customers.households.linking import Family, Member, link_village
from app.customers.households.persons import Record

__all__ = ["Family", "Member", "Record", "link_village"]
