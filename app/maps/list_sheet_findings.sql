-- The open findings of a plan in the viewer's sight.
SELECT kind, ST_AsBinary(geom) AS geom, area_m2 FROM finding WHERE plan_id = :plan_id AND state = 'open' ORDER BY id
