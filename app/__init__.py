"""Getu 格图: whose ground is this, who lives on it, how well do we serve them."""
