-- Which place does each corrected prefix lie at? Prefixes about which people differ are left out.
SELECT prefix, min(place_code) AS place_code FROM place_correction WHERE ended_at IS NULL AND prefix <> ''
GROUP BY prefix HAVING count(DISTINCT place_code) = 1
