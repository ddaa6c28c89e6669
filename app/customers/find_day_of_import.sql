-- On which day did this import bring its rows in?
SELECT CAST(created_at AS date) FROM import_run WHERE id = :import_id
