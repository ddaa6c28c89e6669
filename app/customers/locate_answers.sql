-- In which village of the bank's ground, and of which town, does each of these points lie? One row a point that does.
SELECT DISTINCT ON (r.place) r.place, u.code AS unit_code, u.name AS unit_name, u.town_code, u.town_name
FROM jsonb_to_recordset(CAST(:points AS jsonb)) AS r (place int, lon float8, lat float8)
JOIN unit u ON u.geom && ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326)
    AND ST_Covers(u.geom, ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326))
WHERE u.kind IN ('village', 'community') AND u.valid @> current_date
ORDER BY r.place, u.code, u.id DESC
