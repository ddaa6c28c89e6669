-- The frame of a plan as an outline to about 10 m: ground outside of it belongs to nobody's plan.
SELECT ST_AsGeoJSON(ST_SimplifyPreserveTopology(frame, 0.0001), 5) AS shape,
    ARRAY[ST_XMin(frame), ST_YMin(frame), ST_XMax(frame), ST_YMax(frame)] AS bbox
FROM plan WHERE id = :plan_id
