-- The frame of a plan.
SELECT ST_AsBinary(frame) FROM plan WHERE id = :plan_id
