-- When may the next request to this provider be made, in seconds from now? No row: its day is used up or stopped.
INSERT INTO provider_use AS u (provider, day, asked, next_at)
SELECT :provider, CAST(now() AT TIME ZONE 'Asia/Shanghai' AS date), 1,
    clock_timestamp() + make_interval(secs => CAST(:gap_s AS float8))
WHERE CAST(:quota AS int) > 0
ON CONFLICT (provider, day) DO UPDATE SET asked = u.asked + 1,
    next_at = greatest(u.next_at, clock_timestamp()) + make_interval(secs => CAST(:gap_s AS float8))
WHERE u.asked < CAST(:quota AS int) AND u.stopped IS NULL
RETURNING greatest(extract(epoch FROM next_at - clock_timestamp()) - CAST(:gap_s AS float8), 0) AS wait_s
