-- How many markets, districts, parks and compounds are there today?
SELECT kind AS key, count(*) AS number FROM unit
WHERE kind IN ('market', 'district', 'park', 'compound') AND valid @> current_date GROUP BY kind;
