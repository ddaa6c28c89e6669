-- Is this a visit in sight that was reported under keys that begin so?
SELECT id, customer_id FROM visit WHERE id = :visit_id AND starts_with(client_key, :begins)
