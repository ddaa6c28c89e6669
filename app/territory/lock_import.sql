-- Lets one try at a time go on with an import, until the transaction ends.
SELECT id FROM import_run WHERE id = :import_id FOR UPDATE
