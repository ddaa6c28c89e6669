-- Which plan is in force today, with its frame and certificate, and of which day are the counts?
SELECT p.id, p.code, p.certificate_no, p.synthetic, lower(p.valid) AS valid_from, ST_AsBinary(p.frame) AS frame,
    (SELECT CAST(max(r.finished_at) AS date) FROM assignment_run r WHERE r.current) AS data_date
FROM plan p WHERE p.status = 'in_force' AND p.valid @> current_date
