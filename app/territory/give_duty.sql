-- Gives a grid to a person in one role from a day on, known from this moment.
INSERT INTO duty (grid_id, staff_id, role, valid, recorded, reason)
VALUES (:grid_id, :staff_id, :role, daterange(CAST(:valid_from AS date), NULL),
        tstzrange(statement_timestamp(), NULL), CAST(:reason AS text))
RETURNING id
