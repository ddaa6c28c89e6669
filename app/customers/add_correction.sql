-- A decision teaches: addresses with this prefix lie at this place.
INSERT INTO place_correction (prefix, place_code, customer_id, user_id, step_id)
VALUES (:prefix, :place_code, :customer_id, :user_id, :step_id)
