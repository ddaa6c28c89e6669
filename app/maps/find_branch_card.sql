-- Which house of the bank is this, and under which one does it stand?
SELECT b.id, b.code, b.name, b.kind, b.branch_type, b.address, ST_X(b.geom) AS lon, ST_Y(b.geom) AS lat,
    p.id AS parent_id, p.name AS parent_name
FROM branch b LEFT JOIN branch p ON p.id = b.parent_id
WHERE b.id = :branch_id
