-- How many customers may be members of households: persons, no firms and no merchants?
SELECT count(*) FROM customer WHERE kind IN ('person', 'household') AND gone_at IS NULL
