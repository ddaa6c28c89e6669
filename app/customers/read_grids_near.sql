-- The level 3 grids of a plan that reach into these boxes or hold one of these official places.
WITH near AS MATERIALIZED (
    SELECT g.id FROM unnest(CAST(:west AS float8[]), CAST(:south AS float8[]), CAST(:east AS float8[]),
        CAST(:north AS float8[])) AS b (west, south, east, north)
    JOIN grid g ON g.geom && ST_MakeEnvelope(b.west, b.south, b.east, b.north, 4326)
    UNION
    SELECT g.id FROM grid g WHERE cardinality(CAST(:units AS text[])) > 0 AND g.plan_id = :plan_id
        AND g.unit_codes && CAST(:units AS text[])
)
SELECT g.id, g.code, g.key_id, g.kind, ST_AsBinary(g.geom) AS wkb,
    (SELECT array_agg(hashtextextended(u, 0)) FROM unnest(g.unit_codes) AS u) AS unit_keys
FROM near JOIN grid g ON g.id = near.id
WHERE g.plan_id = :plan_id AND g.level = 3
