-- Which frame stands on a day: the one of a code, else the newest?
SELECT u.id, u.code, u.name, u.synthetic, u.area_m2, ST_AsBinary(u.geom) AS wkb
FROM unit u
WHERE u.kind = 'frame' AND u.valid @> CAST(:on AS date)
  AND (CAST(:code AS text) IS NULL OR u.code = :code)
ORDER BY lower(u.valid) DESC, u.id DESC
LIMIT 1
