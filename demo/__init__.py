"""The demo bank: a fictional bank with real place names, invented borders, people and customers."""
