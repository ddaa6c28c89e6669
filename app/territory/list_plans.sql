-- Which plans are there, newest first, with their dates, certificate and number of grids?
SELECT p.id, p.code, p.name, p.status, p.market_rule, lower(p.valid) AS valid_from, upper(p.valid) AS valid_to,
       p.ground_version, p.checked_version, p.certificate_no, p.synthetic, p.created_at, p.published_at,
       (SELECT count(*) FROM grid g WHERE g.plan_id = p.id AND g.level = 3) AS grids
FROM plan p
ORDER BY p.id DESC
