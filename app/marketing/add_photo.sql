-- A photograph of a visit; one sent twice is stored once, and no more than so many go with a visit.
INSERT INTO visit_photo (visit_id, client_key, file, sha256, bytes, width, height)
SELECT :visit_id, :client_key, :file, :sha256, :bytes, :width, :height
WHERE (SELECT count(*) FROM visit_photo WHERE visit_id = :visit_id) < :most
ON CONFLICT (client_key) DO NOTHING
RETURNING id
