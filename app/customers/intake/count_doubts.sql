-- About how many waiting rows is there a doubt of each kind?
SELECT doubt ->> 'kind' AS kind, count(*) AS customers FROM intake_row
WHERE import_id = :import_id AND doubt IS NOT NULL GROUP BY 1
