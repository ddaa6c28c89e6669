-- Which level 3 grids of a plan in sight have these codes (all when empty), lie in this town, are of this branch?
SELECT g.id, g.code, g.name, g.branch_id, g.allotted
FROM grid g LEFT JOIN branch b ON b.id = g.branch_id
WHERE g.plan_id = :plan_id AND g.level = 3
  AND (CAST(:codes AS text[]) = '{}' OR g.code = ANY (CAST(:codes AS text[])))
  AND (CAST(:town AS text) IS NULL OR :town IN (g.town_code, g.town_name))
  AND (CAST(:branch AS text) IS NULL OR b.code = :branch)
  AND (CAST(:own AS bigint[]) IS NULL OR g.branch_id = ANY (CAST(:own AS bigint[])))
ORDER BY g.code COLLATE "C"
