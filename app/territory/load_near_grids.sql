-- The level 3 grids of a plan whose boxes meet a box (of the whole world: all), in order of code, with shape and version.
SELECT g.id, g.code, g.name, g.kind, g.branch_id, g.unit_codes, g.town_code, g.town_name, g.households, g.colour_no,
    g.version, g.locked, g.allotted, g.area_m2, ST_AsBinary(g.geom) AS wkb
FROM grid g
WHERE g.plan_id = :plan_id AND g.level = 3
    AND ((CAST(:west AS float8) = -180 AND g.area_m2 = 0) OR g.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) OR g.id = ANY (CAST(:ids AS bigint[])))
ORDER BY g.code COLLATE "C", g.id
