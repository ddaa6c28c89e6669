-- Which plan: the one named, or the one in force today?
SELECT id, code, ground_version, market_rule, precedence FROM plan
WHERE (CAST(:code AS text) IS NOT NULL AND code = :code)
   OR (CAST(:code AS text) IS NULL AND status = 'in_force' AND valid @> current_date)
