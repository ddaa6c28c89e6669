-- The changes of a draft's ground in the viewer's sight, the newest first, without the shapes.
SELECT s.id, s.number, s.act, s.title_zh, s.title_en, s.detail, s.grid_ids, s.user_id, s.at, s.undoes,
    (SELECT u.number FROM plan_step u WHERE u.id = s.undoes) AS undoes_number,
    (SELECT u.number FROM plan_step u WHERE u.undoes = s.id) AS undone_by
FROM plan_step s
WHERE s.plan_id = :plan_id
ORDER BY s.number DESC
