-- Whose browser session is this, till when does it last, and is its user still one of the bank's?
SELECT s.csrf, s.seen_at, s.expires_at, u.id, u.login, u.name, u.role, u.staff_id, u.branch_id, u.team, u.active
FROM user_session s JOIN app_user u ON u.id = s.user_id
WHERE s.token_hash = :token_hash
