-- By which names an import placed its customers: others may know better.
UPDATE import_run SET options = options || jsonb_build_object('names', CAST(:names AS text)) WHERE id = :import_id
