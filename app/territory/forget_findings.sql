-- Takes away the findings of a plan's last check.
DELETE FROM finding WHERE plan_id = :plan_id
