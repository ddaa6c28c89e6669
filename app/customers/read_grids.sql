-- The level 3 grids of a plan with their shapes and the keys of their units.
SELECT g.id, g.code, g.key_id, g.kind, ST_AsBinary(g.geom) AS wkb,
    (SELECT array_agg(hashtextextended(u, 0)) FROM unnest(g.unit_codes) AS u) AS unit_keys
FROM grid g WHERE g.plan_id = :plan_id AND g.level = 3
