-- Has the folder's job of this day been made already?
SELECT id FROM job WHERE kind = 'import_folder' AND args ->> 'day' = :day LIMIT 1
