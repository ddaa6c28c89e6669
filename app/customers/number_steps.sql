-- Which numbers do the next steps get? The first is the number of their batch.
SELECT nextval(pg_get_serial_sequence('placement_step', 'id')) FROM generate_series(1, CAST(:steps AS int))
