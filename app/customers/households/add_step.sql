-- A decision about a household is kept with what stood before and after.
INSERT INTO household_step (household_id, customer_ids, user_id, action, before, after, undoes)
VALUES (:household_id, CAST(:customer_ids AS bigint[]), :user_id, :action, CAST(:before AS jsonb),
    CAST(:after AS jsonb), CAST(:undoes AS bigint))
RETURNING id
