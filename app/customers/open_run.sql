-- A new assignment run, after the one that stands; what is its number?
INSERT INTO assignment_run (plan_id, ground_version, kind, before_id, undoes)
VALUES (:plan_id, :ground_version, :kind, (SELECT id FROM assignment_run WHERE current), CAST(:undoes AS bigint))
RETURNING id
