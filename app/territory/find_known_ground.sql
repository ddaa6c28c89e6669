-- Within which box of longitude and latitude does the bank's ground lie: its frame, else all its units?
SELECT ST_XMin(e) AS west, ST_YMin(e) AS south, ST_XMax(e) AS east, ST_YMax(e) AS north
FROM (
    SELECT coalesce(ST_Extent(geom) FILTER (WHERE kind = 'frame'), ST_Extent(geom)) AS e
    FROM unit WHERE NOT isempty(valid)
) AS box
