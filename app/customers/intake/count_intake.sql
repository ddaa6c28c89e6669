-- How many rows of an import wait to be merged?
SELECT count(*) FROM intake_row WHERE import_id = :import_id
