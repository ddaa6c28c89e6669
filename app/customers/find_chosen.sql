-- Which place has this code, and in which village does it lie? The gazetteer is asked first, then the drawn units.
WITH RECURSIVE up AS (
    (SELECT code, parent_code, level, name, geom, 1 AS step FROM place WHERE code = :code ORDER BY id DESC LIMIT 1)
    UNION ALL
    SELECT p.code, p.parent_code, p.level, p.name, p.geom, up.step + 1
    FROM up JOIN place p ON p.code = up.parent_code WHERE up.level <> 'village' AND up.step < 8
)
SELECT code, name, level, ST_X(geom) AS lon, ST_Y(geom) AS lat,
    (SELECT code FROM up WHERE level = 'village' ORDER BY step LIMIT 1) AS village_code
FROM up WHERE step = 1
UNION ALL
(SELECT code, name, 'village', NULL, NULL, code FROM unit
 WHERE code = :code AND kind IN ('village', 'community') AND valid @> current_date
    AND NOT EXISTS (SELECT FROM up)
 ORDER BY id DESC LIMIT 1)
