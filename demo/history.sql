-- Twelve closed months before this one, told back from what the grids hold today; the same bank gets the same months.
INSERT INTO indicator_month (month, grid_key, branch_id, staff_id, existing, prospects, visited, filed, covered, households,
    lost, existing_before, won, prospects_before, closed_at)
SELECT m.month, m.key_id, m.branch_id, m.staff_id, m.existing, m.prospects,
    least(m.existing, round(m.existing * (0.12 + 0.004 * (12 - m.back) + 0.0006 * (m.chance % 100)))),
    round(m.filed * (1 - 0.012 * m.back)), round(m.covered * (1 - 0.008 * m.back)), m.households,
    CASE WHEN m.before IS NOT NULL THEN round(m.before * 0.00006 * (20 + m.chance % 60)) END, m.before,
    CASE WHEN m.before IS NOT NULL THEN round(m.prospects_before * 0.0002 * (40 + m.chance % 70)) END, m.prospects_before,
    m.month + interval '1 month 26 hours'
FROM (SELECT h.*, lag(h.existing) OVER k AS before, lag(h.prospects) OVER k AS prospects_before
    FROM (SELECT g.key_id, g.branch_id, d.staff_id, back, g.households, n.filed, n.covered_households AS covered,
            CAST(date_trunc('month', current_date) - make_interval(months => back) AS date) AS month,
            abs(hashtext(g.code || '/' || back)) AS chance,
            CAST(round(n.existing * (1 - 0.006 * back)) AS integer) AS existing,
            CAST(round(n.prospects * (1 + 0.009 * back)) AS integer) AS prospects
        FROM generate_series(1, 12) AS back, standing_grid s
        JOIN grid g ON g.id = s.id
        JOIN grid_count n ON n.grid_id = g.id
        LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
        WHERE g.level = 3) h
    WINDOW k AS (PARTITION BY h.key_id ORDER BY h.month)) m
