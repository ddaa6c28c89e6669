-- Which photograph was stored under this key?
SELECT id, visit_id FROM visit_photo WHERE client_key = :client_key
