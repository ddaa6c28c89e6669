-- What is this official place, and where does it lie?
SELECT u.id, u.code, u.name, u.official_name, u.former_names, u.kind, u.town_name, u.households, u.residents, u.area_m2,
    u.synthetic, u.year, ST_XMin(u.geom) AS west, ST_YMin(u.geom) AS south, ST_XMax(u.geom) AS east, ST_YMax(u.geom) AS north
FROM unit u
WHERE u.id = :unit_id AND u.kind IN ('town', 'village', 'community', 'street', 'district', 'market', 'park', 'compound')
