-- Which number does the next batch of offers get?
SELECT nextval(pg_get_serial_sequence('allotment', 'id'))
