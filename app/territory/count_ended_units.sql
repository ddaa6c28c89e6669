-- How many units of an import has a later import ended?
SELECT count(*) FROM unit WHERE import_id = :import_id AND NOT upper_inf(valid)
