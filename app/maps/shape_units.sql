-- The villages and communities as they lie today, whoever holds them, with their towns: the pale ground of the opening map.
SELECT u.code, coalesce(u.town_name, u.town_code) AS town, ST_AsBinary(u.geom) AS shape
FROM unit u
WHERE u.kind IN ('village', 'community', 'street') AND u.valid @> current_date
ORDER BY u.code;
