-- What was decided is kept for ever: one row a customer.
INSERT INTO placement_step (id, customer_id, user_id, action, batch, before, after, accuracy_m, note, undoes, client_key)
OVERRIDING SYSTEM VALUE
SELECT id, customer_id, user_id, action, batch, before, after, accuracy_m, note, undoes, client_key
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (id bigint, customer_id bigint, user_id bigint, action text,
    batch bigint, before jsonb, after jsonb, accuracy_m float8, note text, undoes bigint, client_key text)
