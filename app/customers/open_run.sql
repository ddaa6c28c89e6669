-- A new assignment run; what is its number?
INSERT INTO assignment_run (plan_id, ground_version) VALUES (:plan_id, :ground_version) RETURNING id
