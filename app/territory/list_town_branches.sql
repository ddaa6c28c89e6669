-- Which towns have one branch only, so that it is clear whose their grids are?
SELECT town_code, min(id) AS branch_id, min(code) AS branch_code, min(name) AS branch_name
FROM branch
WHERE kind = 'branch' AND town_code IS NOT NULL
GROUP BY town_code
HAVING count(*) = 1
