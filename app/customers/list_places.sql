-- The gazetteer as the address matcher takes it.
SELECT code, name, level, kind, coalesce(parent_code, '') AS parent_code, coalesce(official_name, '') AS official_name,
    aliases, former_names, ST_X(geom) AS lon, ST_Y(geom) AS lat, code_source
FROM place ORDER BY id
