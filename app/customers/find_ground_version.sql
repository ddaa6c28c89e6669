-- Which units stand drawn today? A point is held against them.
SELECT concat_ws('.', count(*), coalesce(max(id), 0), coalesce(sum(id), 0)) AS version
FROM unit WHERE valid @> current_date
