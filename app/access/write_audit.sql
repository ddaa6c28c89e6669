-- Who did or saw what, and whom? A line of the audit.
INSERT INTO audit (user_id, action, subject, customer_ids, detail)
VALUES (CAST(:user_id AS bigint), :action, :subject, CAST(:customer_ids AS bigint[]), CAST(:detail AS jsonb))
