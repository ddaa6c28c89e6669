-- Changes of people that made a draft go on without it.
UPDATE staffing_change SET plan_id = NULL WHERE plan_id = :plan_id
