-- What waits for somebody: problems of his grids that are open or overdue, and grids that are offered to him?
SELECT count(*) FILTER (WHERE p.state = 'open') AS problems,
    count(*) FILTER (WHERE p.state = 'open' AND p.due_on < CAST(:on AS date)) AS late_problems,
    (SELECT count(*) FROM allotment a WHERE a.staff_id = :staff_id AND a.state = 'offered') AS offers
FROM problem p WHERE p.grid_id = ANY (CAST(:grids AS bigint[]))
