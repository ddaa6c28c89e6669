-- Are there names to match, a plan in force to assign to, and which rectangle does the bank's ground fill?
SELECT EXISTS (SELECT FROM place) AS gazetteer,
    EXISTS (SELECT FROM plan WHERE status = 'in_force' AND valid @> current_date) AS plan,
    ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) AS east, ST_YMax(box) AS north
FROM (SELECT ST_Extent(geom) AS box FROM unit WHERE kind IN ('village', 'community') AND valid @> current_date) units
