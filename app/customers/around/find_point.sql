-- Where does a customer in sight stand, and how sure is that?
SELECT a.customer_id, a.rung, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat
FROM assignment a
WHERE a.customer_id = :customer_id
