"""Customers: who lives on the ground, where, and in whose grid."""
