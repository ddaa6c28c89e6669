-- How many towns and how many villages and communities are drawn?
SELECT count(DISTINCT coalesce(town_code, code)) FILTER (WHERE kind = 'town' OR town_code IS NOT NULL) AS towns,
    count(*) FILTER (WHERE kind IN ('village', 'community', 'street')) AS units
FROM unit WHERE valid @> current_date AND kind IN ('town', 'village', 'community', 'street');
