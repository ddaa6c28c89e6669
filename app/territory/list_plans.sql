-- Which plans are there, newest first, with their dates, state today, certificate, people and number of grids?
SELECT p.id, p.code, p.name, p.market_rule, p.precedence, lower(p.valid) AS valid_from, upper(p.valid) AS valid_to,
       CASE WHEN p.status = 'in_force' AND upper(p.valid) <= current_date THEN 'retired' ELSE p.status END AS status,
       CASE WHEN p.status IN ('in_force', 'retired') THEN
                CASE WHEN lower(p.valid) > current_date THEN 'scheduled'
                     WHEN upper(p.valid) <= current_date THEN 'retired' ELSE 'in_force' END
            WHEN p.status IN ('draft', 'checked') AND p.certificate_no IS NOT NULL THEN 'certified'
            ELSE p.status END AS state,
       p.ground_version, p.checked_version, p.certificate_no, p.synthetic, p.created_at, p.published_at, p.step_no,
       (SELECT b.code FROM plan b WHERE b.id = p.base_plan_id) AS base_plan,
       p.created_by, p.certified_by, p.approved_by,
       (SELECT count(*) FROM grid g WHERE g.plan_id = p.id AND g.level = 3) AS grids
FROM plan p
ORDER BY p.id DESC
