-- By which approved forms is a place known beside its own names?
SELECT place_code, array_agg(alias ORDER BY id) AS aliases FROM place_alias WHERE state = 'approved' GROUP BY place_code
