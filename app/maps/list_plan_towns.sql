-- Which towns do the units of today lie in?
SELECT DISTINCT town_code AS code, town_name AS name FROM unit
WHERE town_code IS NOT NULL AND kind IN ('village', 'community') AND valid @> current_date ORDER BY town_code
