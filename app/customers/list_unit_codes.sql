-- Which official places of these plans have these keys of 64 bits?
SELECT DISTINCT u AS code FROM grid g, unnest(g.unit_codes) AS u
WHERE g.plan_id = ANY(CAST(:plan_ids AS bigint[])) AND hashtextextended(u, 0) = ANY(CAST(:keys AS bigint[]))
