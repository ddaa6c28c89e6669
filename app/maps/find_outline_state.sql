-- Which state are the outlines of grids and units in? Any change of a shape, of a name or of a day's validity gives another answer.
SELECT concat_ws('-', (SELECT concat(count(*), '.', sum(hashtextextended(concat_ws('|', id, ST_AsBinary(geom)), 0)))
        FROM grid WHERE plan_id = :plan_id AND level = 3),
    (SELECT concat(count(*), '.', sum(hashtextextended(concat_ws('|', id, kind, code, name, town_code, town_name, ST_AsBinary(geom)), 0)))
        FROM unit WHERE kind IN ('town', 'village', 'community', 'street') AND valid @> current_date)
) AS outline_state;
