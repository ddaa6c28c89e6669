-- In which village does this point lie, and is it on the bank's ground (or half a kilometre beside it) at all?
WITH asked AS (SELECT ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) AS point),
near AS (
    SELECT u.id, u.code, u.kind, ST_Covers(u.geom, asked.point) AS covers,
        ST_Distance(CAST(u.geom AS geography), CAST(asked.point AS geography)) AS distance_m
    FROM unit u, asked
    WHERE u.valid @> current_date AND u.geom && ST_Expand(asked.point, 0.01)
)
SELECT (SELECT code FROM near WHERE covers AND kind IN ('village', 'community') ORDER BY kind, code, id DESC LIMIT 1) AS unit_code,
    coalesce((SELECT min(distance_m) FROM near) <= 500, false) AS on_ground,
    box.west, box.south, box.east, box.north
FROM (SELECT ST_XMin(e) AS west, ST_YMin(e) AS south, ST_XMax(e) AS east, ST_YMax(e) AS north
      FROM (SELECT ST_Extent(geom) AS e FROM unit) AS extent) AS box
