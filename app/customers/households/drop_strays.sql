-- Proposed memberships of customers who are gone, or are persons no more, go.
DELETE FROM household_member m WHERE m.state = 'proposed'
    AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.id = m.customer_id AND c.kind IN ('person', 'household'))
