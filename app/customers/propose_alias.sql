-- This written form is proposed for this place by so many corrections; what was decided about it stays decided.
INSERT INTO place_alias (alias, place_code, corrections) VALUES (:alias, :place_code, :corrections)
ON CONFLICT (alias, place_code) DO UPDATE SET corrections = excluded.corrections
