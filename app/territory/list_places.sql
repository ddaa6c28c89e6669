-- Which names may an address carry? The whole gazetteer, sources one after the other.
SELECT code, name, level, kind, parent_code, full_path, official_name, aliases, former_names,
       ST_X(geom) AS lon, ST_Y(geom) AS lat, coord_source
FROM place
ORDER BY code_source, code, id
