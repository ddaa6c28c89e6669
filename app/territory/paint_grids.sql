-- Gives each grid its colour number.
UPDATE grid g SET colour_no = c.colour_no
FROM unnest(CAST(:grid_ids AS bigint[]), CAST(:colours AS integer[])) AS c (id, colour_no)
WHERE g.id = c.id AND g.colour_no <> c.colour_no
