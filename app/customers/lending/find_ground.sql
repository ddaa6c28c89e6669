-- Which plan is in force on a day, and which of its grids does a branch hold with all the houses below it?
-- One row, whether or not there are such a branch and such a plan; `may` says whether the viewer may ask for it.
WITH RECURSIVE house AS (
    SELECT id FROM branch WHERE code = :branch
    UNION
    SELECT b.id FROM branch b JOIN house ON b.parent_id = house.id
), standing AS (
    SELECT p.id, p.code, p.name, p.ground_version, p.certificate_no, p.market_rule, p.precedence, p.synthetic,
           lower(p.valid) AS begins
    FROM plan p
    WHERE p.status IN ('in_force', 'retired') AND p.valid @> CAST(:on AS date)
    ORDER BY lower(p.valid) DESC LIMIT 1
), own AS MATERIALIZED (
    SELECT g.id FROM grid g JOIN standing p ON g.plan_id = p.id
    WHERE g.branch_id = ANY (ARRAY(SELECT id FROM house)) AND g.level = 3
)
SELECT b.id AS branch_id, b.code AS branch_code, b.name AS branch_name, s.code AS superior_code, s.name AS superior_name,
       CAST(:all AS boolean) OR b.id = ANY ((SELECT getu_viewer_branches())::bigint[]) AS may,
       p.id AS plan_id, p.code AS plan_code, p.name AS plan_name, p.ground_version, p.certificate_no, p.market_rule,
       p.precedence, p.synthetic, p.begins,
       (SELECT string_agg(CAST(id AS text), ',') FROM own) AS own,
       (SELECT count(*) || '-' || coalesce(bit_xor(hashint8extended(id, 0)), 0) FROM own) AS own_mark
FROM (SELECT 1) one
LEFT JOIN branch b ON b.code = :branch
LEFT JOIN branch s ON s.id = b.parent_id
LEFT JOIN standing p ON true
