-- Which villages and communities stand today, and in which shape? The newest first.
SELECT code, ST_AsBinary(geom) AS wkb FROM unit WHERE kind IN ('village', 'community') AND valid @> current_date
ORDER BY id DESC
