-- Writes beside each notice of a plan how many customers its grid holds.
UPDATE finding f SET customers = c.customers
FROM unnest(CAST(:grid_ids AS bigint[]), CAST(:customers AS integer[])) AS c (grid_id, customers)
WHERE f.plan_id = :plan_id AND f.kind = ANY (CAST(:kinds AS text[])) AND f.grid_ids[1] = c.grid_id
  AND f.customers <> c.customers
