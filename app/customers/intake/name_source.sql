-- The source system exists under its present name.
INSERT INTO source_system (code, name, trust_rank) VALUES (:code, :name, :trust_rank)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, trust_rank = excluded.trust_rank
