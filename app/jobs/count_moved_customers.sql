-- How many customers, grids and managers stand on some pieces of ground, and with what balance? (Now, in force.)
WITH piece AS (
    SELECT ST_GeomFromWKB(w.wkb, 4326) AS geom FROM unnest(CAST(:pieces AS bytea[])) AS w (wkb)
), hit AS (
    SELECT DISTINCT a.customer_id, a.grid_id
    FROM piece p
    JOIN assignment a ON a.geom && p.geom AND ST_Intersects(a.geom, p.geom)
)
SELECT count(*) AS customers, count(DISTINCT h.grid_id) AS grids,
       coalesce(sum(coalesce(c.deposit_yuan, 0) + coalesce(c.loan_yuan, 0)), 0) AS balance_yuan,
       (SELECT count(DISTINCT d.staff_id) FROM duty d
        WHERE d.grid_id IN (SELECT grid_id FROM hit) AND d.role = 'primary' AND d.valid @> CURRENT_DATE
          AND upper_inf(d.recorded)) AS managers
FROM hit h JOIN customer c ON c.id = h.customer_id
