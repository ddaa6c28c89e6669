-- The frame of the drawn plan, for a stand-alone map.
SELECT code, ST_AsBinary(ST_SimplifyPreserveTopology(frame, 0.0004)) AS shape FROM plan WHERE id = :plan_id;
