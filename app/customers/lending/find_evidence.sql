-- Where the subject of a kept answer lies and by what it was told; who asked.
SELECT ST_X(k.geom) AS lon, ST_Y(k.geom) AS lat, k.grid_id, k.detail, u.name AS asked_by_name, u.login AS asked_by_login
FROM lending_check k LEFT JOIN app_user u ON u.id = k.asked_by
WHERE k.id = :check_id
