-- How many other open cases in sight are written alike, down to the village?
SELECT count(*) FROM placement_case
WHERE prefix = :prefix AND prefix <> '' AND state IN ('open', 'later') AND customer_id <> :customer_id
