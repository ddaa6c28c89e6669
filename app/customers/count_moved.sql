-- Who stands on pieces of ground that change hands: one row a piece, and one for all (no NULL)?
-- Pieces hold points; `units` are units that change hands whole, for customers placed by unit without a point.
-- On contested ground he stays who stands, in the plan in force, in a grid whose namesake in the plan at hand holds his point too.
WITH piece AS (
    SELECT p.no, p.from_id, ST_GeomFromEWKB(p.wkb) AS geom
    FROM unnest(CAST(:nos AS int4[]), CAST(:from_ids AS bigint[]), CAST(:pieces AS bytea[])) AS p(no, from_id, wkb)
), pointed AS (
    SELECT DISTINCT ON (a.customer_id) a.customer_id, p.no
    FROM piece p
    JOIN assignment a ON a.geom && p.geom AND ST_Covers(p.geom, a.geom)
    WHERE NOT EXISTS (
        SELECT FROM grid stands JOIN grid namesake ON namesake.plan_id = :plan_id AND namesake.code = stands.code
        WHERE stands.id = a.grid_id AND namesake.id IS DISTINCT FROM p.from_id
            AND namesake.geom && a.geom AND ST_Covers(namesake.geom, a.geom))
    ORDER BY a.customer_id, p.no
), by_unit AS (
    SELECT DISTINCT ON (a.customer_id) a.customer_id, u.no
    FROM unnest(CAST(:unit_nos AS int4[]), CAST(:unit_grids AS bigint[]), CAST(:units AS text[])) AS u(no, grid_id, code)
    JOIN assignment a ON a.grid_id = u.grid_id AND a.geom IS NULL
    JOIN placement p ON p.customer_id = a.customer_id AND p.unit_code = u.code
    ORDER BY a.customer_id, u.no
), moved AS (SELECT no, customer_id, false AS by_unit FROM pointed UNION ALL SELECT no, customer_id, true FROM by_unit)
SELECT m.no, count(*) AS customers, count(*) FILTER (WHERE c.standing = 'existing') AS existing,
    count(*) FILTER (WHERE c.standing = 'prospect') AS prospects, count(DISTINCT c.household_no) AS households,
    coalesce(sum(c.deposit_yuan), 0) AS deposit_yuan, coalesce(sum(c.loan_yuan), 0) AS loan_yuan,
    count(*) FILTER (WHERE m.by_unit) AS by_unit,
    array_agg(c.id ORDER BY c.tier = 'strategic' DESC, c.id) FILTER (WHERE c.tier <> 'regular') AS key_ids
FROM moved m JOIN customer c ON c.id = m.customer_id
GROUP BY GROUPING SETS ((m.no), ())
ORDER BY m.no NULLS FIRST
