-- Whose telephone has a mark in this span among the customers of the viewer's grids?
SELECT id FROM getu_seek_phones(:low, :high, :most) AS id
