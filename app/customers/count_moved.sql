-- Who stands on ground that changes hands: one row a move, and one for all (no NULL)?
-- `pieces` hold points, `whole` are grids of which everybody moves, `units` move whole with who has no point.
-- On contested ground he stays who stands, in the plan in force, in a grid whose namesake in the plan at hand holds his point too.
WITH piece AS (
    SELECT p.no, p.from_id, ST_GeomFromEWKB(p.wkb) AS geom
    FROM unnest(CAST(:nos AS int4[]), CAST(:from_ids AS bigint[]), CAST(:pieces AS bytea[])) AS p(no, from_id, wkb)
), namesake AS MATERIALIZED (
    SELECT stands.id AS stands_id, g.id, g.geom
    FROM standing_grid s
    JOIN grid stands ON stands.id = s.id AND stands.level = 3
    JOIN grid g ON g.plan_id = :plan_id AND g.code = stands.code
    WHERE cardinality(CAST(:nos AS int4[])) > 0
), pointed AS (
    SELECT DISTINCT ON (a.customer_id) a.customer_id, p.no
    FROM piece p
    JOIN assignment a ON a.geom && p.geom AND ST_Covers(p.geom, a.geom)
    LEFT JOIN namesake n ON n.stands_id = a.grid_id
    WHERE (n.id IS NULL OR n.id IS NOT DISTINCT FROM p.from_id OR NOT ST_Covers(n.geom, a.geom))
        AND (a.grid_id IS NULL OR NOT a.grid_id = ANY (CAST(:whole AS bigint[])))
    ORDER BY a.customer_id, p.no
), by_unit AS (
    SELECT DISTINCT ON (a.customer_id) a.customer_id, u.no
    FROM unnest(CAST(:unit_nos AS int4[]), CAST(:unit_grids AS bigint[]), CAST(:units AS text[])) AS u(no, grid_id, code)
    JOIN assignment a ON a.grid_id = u.grid_id AND a.method = 'unit'
    JOIN placement p ON p.customer_id = a.customer_id AND p.unit_code = u.code
    ORDER BY a.customer_id, u.no
), moved AS MATERIALIZED (
    SELECT m.no, m.by_unit, c.id, c.standing, c.tier, c.household_no, c.deposit_yuan, c.loan_yuan
    FROM (
        SELECT no, customer_id, false AS by_unit FROM pointed
        UNION ALL SELECT no, customer_id, true FROM by_unit
        UNION ALL SELECT w.no, a.customer_id, a.method = 'unit'
        FROM unnest(CAST(:whole_nos AS int4[]), CAST(:whole AS bigint[])) AS w(no, grid_id)
        JOIN assignment a ON a.grid_id = w.grid_id
    ) m JOIN customer c ON c.id = m.customer_id
)
SELECT no, count(*) AS customers, count(*) FILTER (WHERE standing = 'existing') AS existing,
    count(*) FILTER (WHERE standing = 'prospect') AS prospects, NULL AS households,
    coalesce(sum(deposit_yuan), 0) AS deposit_yuan, coalesce(sum(loan_yuan), 0) AS loan_yuan,
    count(*) FILTER (WHERE by_unit) AS by_unit, NULL AS key_ids
FROM moved GROUP BY no
UNION ALL
SELECT NULL, count(*), count(*) FILTER (WHERE standing = 'existing'), count(*) FILTER (WHERE standing = 'prospect'),
    (SELECT count(*) FROM (SELECT DISTINCT household_no FROM moved WHERE household_no IS NOT NULL) h),
    coalesce(sum(deposit_yuan), 0), coalesce(sum(loan_yuan), 0), count(*) FILTER (WHERE by_unit),
    array_agg(id) FILTER (WHERE tier <> 'regular')
FROM moved
