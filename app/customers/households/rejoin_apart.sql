-- Pairs that a split had set apart are apart no longer.
DELETE FROM household_apart p
USING unnest(CAST(:first AS bigint[]), CAST(:second AS bigint[])) AS t (a, b)
WHERE p.customer_a = t.a AND p.customer_b = t.b
