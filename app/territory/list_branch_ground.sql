-- The grids of a plan that belong to these branches, with shape and who is primary and backup on a day.
SELECT g.id, g.code, g.branch_id, ST_AsBinary(g.geom) AS wkb,
       (SELECT d.staff_id FROM duty d WHERE d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded)
            AND d.valid @> CAST(:on AS date) LIMIT 1) AS primary_id,
       (SELECT d.staff_id FROM duty d WHERE d.grid_id = g.id AND d.role = 'backup' AND upper_inf(d.recorded)
            AND d.valid @> CAST(:on AS date) ORDER BY lower(d.valid) DESC LIMIT 1) AS backup_id
FROM grid g
WHERE g.plan_id = :plan_id AND g.level = 3 AND g.branch_id = ANY (CAST(:branch_ids AS bigint[]))
ORDER BY g.code COLLATE "C"
