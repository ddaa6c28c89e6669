-- How many grids of plans that are not retired were made of units of an import? (They stay as they are.)
SELECT count(*) FROM grid g JOIN plan p ON p.id = g.plan_id
WHERE p.status <> 'retired'
  AND g.unit_codes && ARRAY(SELECT DISTINCT code FROM unit WHERE import_id = :import_id)
