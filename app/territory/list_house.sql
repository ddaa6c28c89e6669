-- Which branches are this one and those below it?
WITH RECURSIVE house AS (
    SELECT CAST(:branch_id AS bigint) AS id
    UNION
    SELECT b.id FROM branch b JOIN house ON b.parent_id = house.id
)
SELECT id FROM house ORDER BY id
