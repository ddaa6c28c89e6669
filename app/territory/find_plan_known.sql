-- Which plan was in force on a day, as known at a moment (now when NULL): published by then, the last to have begun?
-- A plan that ended when a later one began had no end before that one was published.
SELECT p.id
FROM plan p
WHERE p.status IN ('in_force', 'retired') AND lower(p.valid) <= CAST(:on AS date)
  AND (CAST(:known_at AS timestamptz) IS NULL OR p.published_at <= CAST(:known_at AS timestamptz))
  AND (p.valid @> CAST(:on AS date)
       OR EXISTS (SELECT 1 FROM plan n WHERE n.status IN ('in_force', 'retired') AND lower(n.valid) = upper(p.valid)
                  AND n.published_at > CAST(:known_at AS timestamptz)))
ORDER BY lower(p.valid) DESC
LIMIT 1
