-- How many customers of these kinds stand in a grid?
SELECT count(*) FROM assignment a
WHERE a.grid_id = :grid_id
    AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
    AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
    AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
