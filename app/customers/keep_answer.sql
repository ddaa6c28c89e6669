-- A provider's answer is kept with its date: the address is not sent again while it counts.
INSERT INTO geocode_cache (provider, key, raw, rung, match_level, score, geom, asked_at)
VALUES (:provider, :key, CAST(:raw AS jsonb), :rung, :match_level, :score,
    ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326), clock_timestamp())
ON CONFLICT (provider, key) DO UPDATE SET raw = excluded.raw, rung = excluded.rung,
    match_level = excluded.match_level, score = excluded.score, geom = excluded.geom, asked_at = excluded.asked_at
