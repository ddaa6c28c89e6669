-- A new import begins; what is its number?
INSERT INTO import_run (kind, file_name, sha256, options, status, created_by)
VALUES (:kind, :file_name, :sha256, CAST(:options AS jsonb), 'running', :created_by) RETURNING id
