-- Village liaisons at the anchors of their grids, for a stand-alone map.
SELECT s.id, s.name, s.kind, g.id AS grid_id, ST_AsBinary(g.anchor) AS shape
FROM grid g JOIN duty d ON d.grid_id = g.id JOIN staff s ON s.id = d.staff_id
WHERE g.plan_id = :plan_id AND (CAST(:branch_id AS bigint) IS NULL OR g.branch_id = :branch_id)
    AND d.role IN ('liaison', 'terminal_administrator') AND upper_inf(d.recorded) AND d.valid @> current_date;
