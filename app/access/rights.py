"""What one may do: the acts that roles and teams are granted."""

from typing import Literal

Right = Literal[
    "see_ground",  # grids, outlets, plans, findings, map, tiles
    "see_customers",  # customers of the grids in sight, masked
    "reveal_customers",  # one customer's phone or ID number in clear, audited
    "export_customers",  # a file of customers of a grid, audited
    "import_boundaries",  # boundary and gazetteer files
    "import_customers",  # customer and organisation files
    "plan_ground",  # make, check, certify, publish plans; give duties
    "divide_ground",  # edit, split, merge, mend the grids of one's own branches in a draft; offer them
    "answer_allotments",  # accept or return grids offered to one's branch or to oneself
    "assign_customers",  # run the assignment
    "place_customers",  # decide where a customer of one's own sight lives, pin him, take it back
    "report_visits",  # write a visit
    "print_maps",  # wall maps, stand-alone map
    "read_audit",
    "ask_places",  # geocode and locate
    "check_lending",  # ask whether a branch may lend to somebody, and for an exception
    "allow_lending",  # approve or refuse an exception that somebody else asked for
]
