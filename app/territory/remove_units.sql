-- Takes the units of one import away.
DELETE FROM unit WHERE import_id = :import_id
