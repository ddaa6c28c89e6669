-- Which plan is drawn (the one in force today, else the newest), and which plan's faults lie over it (the newest draft)?
SELECT drawn.id AS plan_id, drawn.code, drawn.name, drawn.status, drawn.synthetic, drawn.certificate_no,
    lower(drawn.valid) AS valid_from, coalesce(draft.id, drawn.id) AS faults_plan_id,
    coalesce(draft.code, drawn.code) AS faults_code, coalesce(draft.status, drawn.status) AS faults_status,
    ST_XMin(drawn.frame) AS west, ST_YMin(drawn.frame) AS south, ST_XMax(drawn.frame) AS east, ST_YMax(drawn.frame) AS north
FROM (
    SELECT * FROM plan
    ORDER BY (status = 'in_force' AND valid @> current_date) DESC, id DESC LIMIT 1
) drawn
LEFT JOIN LATERAL (
    SELECT p.id, p.code, p.status FROM plan p
    WHERE p.status IN ('draft', 'checked') AND p.id > drawn.id AND EXISTS (SELECT 1 FROM finding f WHERE f.plan_id = p.id
        AND f.kind <> ALL (CAST(:notices AS text[])))
    ORDER BY p.id DESC LIMIT 1
) draft ON true;
