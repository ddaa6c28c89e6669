-- Which frame stands on a day: the one of a code, else all parts of the newest import of frames?
WITH standing AS (
    SELECT id, code, name, synthetic, geom, import_id, lower(valid) AS begins
    FROM unit
    WHERE kind = 'frame' AND valid @> CAST(:on AS date) AND (CAST(:code AS text) IS NULL OR code = :code)
), newest AS (
    SELECT id, import_id FROM standing ORDER BY begins DESC, id DESC LIMIT 1
)
SELECT min(s.id) AS id, min(s.code) AS code, min(s.name) AS name, bool_or(s.synthetic) AS synthetic,
       ST_AsBinary(ST_Union(s.geom)) AS wkb
FROM standing s JOIN newest n ON s.import_id = n.import_id OR s.id = n.id
HAVING count(*) > 0
