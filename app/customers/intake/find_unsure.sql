-- Which customers that came with these imports could not be placed surely: at best in a town, by a map service, or doubted?
SELECT array_agg(c.id) FROM customer c JOIN placement p ON p.customer_id = c.id
WHERE c.source_code = :source AND c.import_id = ANY (:imports)
    AND (p.rung IN (0, 6) AND c.address IS NOT NULL OR p.method LIKE 'provider:%'
        OR EXISTS (SELECT 1 FROM placement_case k WHERE k.customer_id = c.id AND k.state <> 'decided'))
