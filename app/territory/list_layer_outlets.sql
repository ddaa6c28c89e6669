-- The bank's houses that have a place: head office, branches, outlets.
SELECT b.code, b.name, b.kind, b.branch_type, p.code AS parent_code, b.town_code, b.address, ST_AsBinary(b.geom) AS wkb
FROM branch b LEFT JOIN branch p ON p.id = b.parent_id
WHERE b.geom IS NOT NULL
ORDER BY b.code COLLATE "C"
