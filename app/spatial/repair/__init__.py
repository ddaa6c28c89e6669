"""Making shapes sound: every repair is listed with what it changed, and nothing that matters is done in
silence.

Vertices snap to 1e-7 degree (about 1 cm) and Z/M are dropped; closed lines become polygons; open rings,
crossed rings, bow ties and spikes are repaired; what is no polygon is rejected with its reason. A repair that
changes an area by more than 2 % is a question. Only faulty shapes are touched one by one: a sound layer costs
a few array operations.
"""

from app.spatial.repair.cleaning import clean
from app.spatial.repair.results import QUESTION_PERCENT, Cleaned, Rejection, Repair
from app.spatial.repair.rings import SNAP_DEGREE, snap

__all__ = ["QUESTION_PERCENT", "SNAP_DEGREE", "Cleaned", "Rejection", "Repair", "clean", "snap"]
