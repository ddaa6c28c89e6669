-- How many waiting rows are placed on each rung?
SELECT rung, count(*) AS customers FROM intake_row WHERE import_id = :import_id GROUP BY rung ORDER BY rung
