-- How many customers does each of some grids of a plan hold: by their point, which goes to the kind that stands first
-- where grids lie over each other, or by their village where they have none?
SELECT g.id AS grid_id, (
    SELECT count(*) FROM assignment a
    WHERE a.geom && g.geom AND ST_Intersects(a.geom, g.geom)
      AND NOT EXISTS (
          SELECT 1 FROM grid h
          WHERE h.plan_id = g.plan_id AND h.level = 3 AND h.id <> g.id AND h.geom && a.geom AND ST_Covers(h.geom, a.geom)
            AND (coalesce(array_position(CAST(:precedence AS text[]), h.kind), 99), h.code COLLATE "C")
              < (coalesce(array_position(CAST(:precedence AS text[]), g.kind), 99), g.code COLLATE "C"))
) + (
    SELECT count(*) FROM placement p
    WHERE p.geom IS NULL AND p.unit_code = ANY (g.unit_codes)
      AND NOT EXISTS (
          SELECT 1 FROM grid h
          WHERE h.plan_id = g.plan_id AND h.level = 3 AND h.id <> g.id AND h.unit_codes && ARRAY[p.unit_code])
) AS customers
FROM grid g
WHERE g.plan_id = :plan_id AND g.level = 3 AND g.id = ANY (CAST(:grid_ids AS bigint[]))
