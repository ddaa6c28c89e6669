-- What became of a report with this key: where it was booked, how late it came, did its reporter stand inside?
SELECT id, grid_id, inside_grid, clock_off_s, visited_at,
    CAST(greatest(0, extract(epoch FROM entered_at - visited_at)) AS bigint) AS late_s
FROM visit WHERE client_key = :client_key
