-- Which systems send customers, the most trusted first?
SELECT code, name, coalesce(name_en, '') AS name_en, trust_rank, standing, headings, file_pattern, delivery, vanish_limit,
    origin, active, check_numbers
FROM source_system ORDER BY trust_rank, code
