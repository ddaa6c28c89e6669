-- One more request of today brought nothing; where `stopped` says why, the provider is asked no more today.
UPDATE provider_use SET failed = failed + 1, stopped = coalesce(CAST(:stopped AS text), stopped)
WHERE provider = :provider AND day = CAST(now() AT TIME ZONE 'Asia/Shanghai' AS date)
