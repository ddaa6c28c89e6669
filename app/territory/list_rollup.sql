-- How many villages, how much ground and how many households has each place of a level, by administrative code?
WITH cells AS (
    SELECT u.code, u.kind, u.name, u.town_name, u.area_m2, u.households, u.residents,
        coalesce(u.town_code, u.parent_code, CASE WHEN u.code ~ '^\d{12}$' THEN left(u.code, 9) END) AS town
    FROM unit u
    WHERE u.kind IN ('village', 'community', 'street') AND u.valid @> CAST(:on AS date)
), placed AS (
    SELECT c.*, CASE
        WHEN CAST(:digits AS int) = 12 THEN c.code
        WHEN CAST(:digits AS int) = 9 THEN c.town
        WHEN c.town ~ '^\d{9}' THEN left(c.town, CAST(:digits AS int)) END AS place
    FROM cells c
), sums AS (
    SELECT p.place AS code, count(*) AS units,
        count(*) FILTER (WHERE p.kind = 'village') AS villages,
        count(*) FILTER (WHERE p.kind = 'community') AS communities,
        count(*) FILTER (WHERE p.kind = 'street') AS streets,
        sum(p.area_m2) AS area_m2, coalesce(sum(p.households), 0) AS households,
        coalesce(sum(p.residents), 0) AS residents,
        CASE CAST(:digits AS int) WHEN 12 THEN min(p.name)
            WHEN 9 THEN mode() WITHIN GROUP (ORDER BY p.town_name) END AS told
    FROM placed p
    GROUP BY p.place
)
SELECT s.code, coalesce(
        s.told,
        (SELECT min(u.name) FROM unit u WHERE u.code = s.code AND u.kind IN ('town', 'county') AND u.valid @> CAST(:on AS date)),
        (SELECT min(q.name) FROM place q WHERE q.code = s.code AND q.level IN ('province', 'city', 'county', 'town'))
    ) AS name, s.units, s.villages, s.communities, s.streets, s.area_m2, s.households, s.residents
FROM sums s
ORDER BY s.code COLLATE "C" NULLS LAST
