-- Which of these texts has this provider answered, not longer ago than it counts?
SELECT key FROM geocode_cache
WHERE provider = :provider AND key = ANY(CAST(:keys AS text[])) AND asked_at > now() - make_interval(days => CAST(:keep_days AS int))
