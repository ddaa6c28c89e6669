-- By which names is each village written: official, short, other and former ones?
SELECT code, array_agg(DISTINCT name) AS names
FROM (
    SELECT code, unnest(ARRAY[name, official_name, regexp_replace(name, '(村|社区)$', '')] || former_names) AS name
    FROM unit WHERE valid @> current_date AND kind <> 'frame'
    UNION
    SELECT code, unnest(ARRAY[name, official_name, regexp_replace(name, '(村|社区)$', '')] || aliases || former_names)
    FROM place WHERE level = 'village'
) known
WHERE length(name) >= 2
GROUP BY code
