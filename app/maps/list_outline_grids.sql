-- Which grids has the plan, and what is the outline of each (EPSG:3857)?
SELECT id, ST_AsBinary(ST_Transform(geom, 3857)) AS shape FROM grid WHERE plan_id = :plan_id AND level = 3 ORDER BY id;
