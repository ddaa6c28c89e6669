-- Which places of the gazetteer are called so (or have this code), the whole name and the larger place first?
SELECT code, max(name) AS name, max(level) AS level
FROM place
WHERE level IN ('town', 'village', 'natural_village', 'group', 'house')
    AND (code = :code OR name LIKE :begins OR CAST(:q AS text) = ANY(aliases) OR CAST(:q AS text) = ANY(former_names))
GROUP BY code
ORDER BY max(name) = :q DESC, array_position(ARRAY['village', 'town', 'natural_village', 'group', 'house'], max(level)), code
LIMIT :limit
