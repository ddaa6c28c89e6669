-- The ground of a village or community as it stood on a day, else as it was drawn last.
SELECT ST_AsBinary(geom) FROM unit
WHERE code = :unit AND kind NOT IN ('frame', 'county', 'town')
ORDER BY valid @> CAST(:on AS date) DESC, year DESC NULLS LAST, id DESC
LIMIT 1
