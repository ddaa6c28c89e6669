-- Whose names begin so among the customers of the viewer's grids, in the order of names?
SELECT id FROM getu_seek_names(:low, :high, :most) AS id
