-- What did this provider answer to this very text, not longer ago than it counts?
SELECT raw FROM geocode_cache
WHERE provider = :provider AND key = :key AND asked_at > now() - make_interval(days => CAST(:keep_days AS int))
