-- Households that have no member left go.
DELETE FROM household h WHERE NOT EXISTS (SELECT 1 FROM household_member m WHERE m.household_id = h.id)
