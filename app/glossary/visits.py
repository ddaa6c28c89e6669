"""How long a customer may wait for the next visit: the one rule behind every list of visits due 待走访."""

# Days by tier; who was never met is due at once. Due is who was met so many days ago or more.
DUE_AFTER_DAYS = {"strategic": 30, "key": 90, "regular": 365}
