-- How many customers, placed ones, households and members are there in the viewer's sight?
SELECT (SELECT count(*) FROM customer) AS customers,
    (SELECT count(*) FROM placement WHERE rung > 0) AS placed,
    (SELECT count(*) FROM household) AS households,
    (SELECT count(*) FROM household WHERE state = 'confirmed') AS confirmed,
    (SELECT count(*) FROM household_member) AS members
